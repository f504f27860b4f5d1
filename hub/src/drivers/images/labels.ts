/**
 * A Dockerfile whose image gets these labels, all by one instruction: of each `--label` Podman makes an image of its own,
 * and looks through all that it has for one that is the same. What such a line cannot hold, an end of line, becomes a space.
 */
export function withLabels(dockerfile: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${quoted(name)}=${quoted(value)}`);
  return pairs.length === 0 ? dockerfile : `${dockerfile}\nLABEL ${pairs.join(' ')}\n`;
}

/** Letter by letter: variables are not filled in. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"$]/g, String.raw`\$&`).replaceAll(/[\r\n]+/g, ' ')}"`;
}
