/** Cheap test for paths that need a closer look; most do not. */
const UNUSUAL = /[%\\#]|\/\.|\/\/|__/;
const MALFORMED_ESCAPE = /%(?![0-9a-f]{2})/i;
const DOT_SEGMENT = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/;
const AGENT_PATH = /^[/\\]*__davit/i;
const MAX_DECODINGS = 5;

/** Why a path is refused: it is no honest path, or it asks for what only the hub may ask an agent. */
export type PathProblem = 'invalid' | 'reserved';

/**
 * Looks at a path below a server's root before it is passed on byte for byte. Whoever reads it later, agent or editor,
 * may decode it and act on dots and slashes; so paths that decode to other ones than they seem are refused.
 */
export function pathProblem(pathAndQuery: string): PathProblem | undefined {
  const path = withoutQuery(pathAndQuery);
  if (!path.startsWith('/')) return 'invalid';
  if (!UNUSUAL.test(path)) return undefined;
  if (path.startsWith('//') || /[\\#]/.test(path)) return 'invalid';
  if (MALFORMED_ESCAPE.test(path) || /%00/.test(path)) return 'invalid';
  if (DOT_SEGMENT.test(decodeOnce(path))) return 'invalid';
  return AGENT_PATH.test(decodeFully(path)) ? 'reserved' : undefined;
}

/** What is before the question mark. */
export function withoutQuery(pathAndQuery: string): string {
  const mark = pathAndQuery.indexOf('?');
  return mark === -1 ? pathAndQuery : pathAndQuery.slice(0, mark);
}

/** The first segment of a path: `jupyterlab` of `/jupyterlab/lab?x`. */
export function firstSegment(pathAndQuery: string): string {
  return /^\/([^/?]*)/.exec(pathAndQuery)?.[1] ?? '';
}

/** Decodes ASCII only: no other character means anything in a path. */
function decodeOnce(path: string): string {
  return path.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function decodeFully(path: string): string {
  let decoded = path;
  for (let round = 0; round < MAX_DECODINGS; round += 1) {
    const next = decodeOnce(decoded);
    if (next === decoded) break;
    decoded = next;
  }
  return decoded;
}
