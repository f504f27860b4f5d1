/** So many openings of one server within so many milliseconds mean that its page sends the browser back each time. */
const MANY = 3;
const WINDOW_MS = 20_000;

/** The moments (ms) of earlier openings that still count at `now`, with `now` behind them. */
export function withOpening(earlier: readonly number[], now: number): number[] {
  return [...earlier.filter((at) => at <= now && now - at < WINDOW_MS), now];
}

/**
 * Whether opening goes round in a circle: a browser that drops the cookie of a server's host comes back here at once,
 * again and again. The moments include the present one.
 */
export function goesInCircles(openings: readonly number[]): boolean {
  return openings.length > MANY;
}

/** The openings of a server that this tab remembers; none where the browser keeps nothing. */
export function rememberOpening(serverId: string, now: number): number[] {
  const key = `davit.openings.${serverId}`;
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    const earlier = Array.isArray(kept) ? kept.filter((at): at is number => typeof at === 'number') : [];
    const openings = withOpening(earlier, now);
    sessionStorage.setItem(key, JSON.stringify(openings));
    return openings;
  } catch {
    return [now];
  }
}

/** Forgets the openings of a server: a person pressed a button, which is no circle. */
export function forgetOpenings(serverId: string): void {
  try {
    sessionStorage.removeItem(`davit.openings.${serverId}`);
  } catch {
    // Nothing was kept.
  }
}
