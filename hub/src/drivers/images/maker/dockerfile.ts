/** Comments that tell the engine how to read the rest must stay in front. */
const DIRECTIVE = /^#\s*(syntax|escape|check)\s*=/i;

/** Declares the argument `BASE`, which `FROM ${BASE}` reads, unless the Dockerfile does so itself before its first stage. */
export function withBase(dockerfile: string): string {
  const lines = dockerfile.split(/\r?\n/);
  const first = lines.findIndex((line) => /^\s*FROM\s/i.test(line));
  const head = lines.slice(0, Math.max(first, 0));
  if (head.some((line) => /^\s*ARG\s+BASE\b/i.test(line))) return `${lines.join('\n')}\n`;
  const directives = lines.findIndex((line) => !DIRECTIVE.test(line));
  const at = Math.max(directives, 0);
  return [...lines.slice(0, at), 'ARG BASE', ...lines.slice(at), ''].join('\n');
}
