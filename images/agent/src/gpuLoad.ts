import type { GpuUse } from './gpu.ts';

/** Percent of the time in which a GPU computed; `unknown` where a GPU is there and does not say, undefined where none is. */
export type GpuPercent = number | 'unknown' | undefined;

/** The load of the busiest card. A card that was there and says nothing any more is not an idle one. */
export class GpuLoad {
  readonly #read: () => readonly GpuUse[] | null;
  #seen = false;

  constructor(read: () => readonly GpuUse[] | null) {
    this.#read = read;
  }

  get percent(): GpuPercent {
    const cards = this.#read();
    if (cards === null || cards.length === 0) return this.#seen ? 'unknown' : undefined;
    this.#seen = true;
    const known = cards.map(({ load }) => load).filter((load) => load !== null);
    const most = Math.max(0, ...known);
    return known.length < cards.length && most === 0 ? 'unknown' : 100 * most;
  }
}
