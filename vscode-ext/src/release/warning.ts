import type { ReleaseState } from '@davit/contract';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/signal.ts';

/** A timer cannot wait longer than 24.8 days, and a machine that slept wakes with late timers: look again after so long. */
const LONGEST_WAIT_MS = 600_000;

/**
 * Says when a warning is due: once for each time that the release comes near, and anew only after it went away again,
 * as after Keep or input. The moment itself may move by seconds with each answer of the hub and is no new warning.
 */
export class ReleaseWarning implements Disposable {
  readonly #clock: Clock;
  readonly #warn: (state: ReleaseState) => void;
  #warned = false;
  #timer: Disposable | undefined;

  constructor(clock: Clock, warn: (state: ReleaseState) => void) {
    this.#clock = clock;
    this.#warn = warn;
  }

  /** Takes in what the hub says now; null while the server does not run. */
  update(state: ReleaseState | null): void {
    this.#timer?.dispose();
    if (state === null || state.warnAt === null || state.releaseAt === null) {
      this.#warned = false;
      return;
    }
    const wait = Date.parse(state.warnAt) - this.#clock.now();
    if (wait > 0) {
      this.#warned = false;
      this.#timer = this.#clock.after(Math.min(wait, LONGEST_WAIT_MS), () => this.update(state));
      return;
    }
    if (this.#warned) return;
    this.#warned = true;
    this.#warn(state);
  }

  dispose(): void {
    this.#timer?.dispose();
  }
}
