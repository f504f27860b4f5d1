const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Time to wait before the next start, after this many ends in a row: 0.5 s, doubled each time, at most 30 s. */
export function restartDelayMs(endsInARow: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(endsInARow - 1, 10));
}
