let last = 0;

/** The next version of a change event: grows with each call, and over restarts because it follows the time of day. */
export function nextVersion(): number {
  last = Math.max(last + 1, Date.now());
  return last;
}
