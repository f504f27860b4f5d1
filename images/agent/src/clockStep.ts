/**
 * By how much the clock was set since this began: the time that has passed by the clock less the time that has really
 * passed. Forward is positive. Slewing moves both alike and is no step.
 */
export class ClockStep {
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  readonly #offset: number;

  constructor(wall: () => number = Date.now, monotonic: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#offset = wall() - monotonic();
  }

  /** Whole milliseconds. */
  get ms(): number {
    return Math.round(this.#wall() - this.#monotonic() - this.#offset);
  }
}
