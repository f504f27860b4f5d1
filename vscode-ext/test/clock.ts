import type { Clock } from '../src/base/clock.ts';

interface Waiting {
  at: number;
  run: () => void;
}

/** A clock that stands until it is told to go on. */
export class TestClock implements Clock {
  #now: number;
  readonly #waiting = new Set<Waiting>();

  constructor(now = Date.UTC(2026, 2, 1, 12)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void) {
    const waiting = { at: this.#now + ms, run };
    this.#waiting.add(waiting);
    return { dispose: () => this.#waiting.delete(waiting) };
  }

  /** Goes on by so much and runs what comes due, each at its time; lets promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#waiting.size;
  }
}

/** Lets promises that are already settled run their followers. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
