/** Bytes before each piece of a multiplexed log: stream number, three zeros, length. */
const HEADER_BYTES = 8;
/** A line longer than this is cut: a page shows it, nobody reads it. */
const MAX_LINE = 4000;

/**
 * The last `tail` lines of the engine's multiplexed log (Docker Engine API, "Attach to a container", stream format),
 * stdout and stderr as they came. A broken end is left out.
 */
export function logLines(multiplexed: Buffer, tail: number): string[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= multiplexed.length;) {
    const end = at + HEADER_BYTES + multiplexed.readUInt32BE(at + 4);
    pieces.push(multiplexed.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  const lines = Buffer.concat(pieces).toString('utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.slice(-tail).map((line) => (line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line));
}
