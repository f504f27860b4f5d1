import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/signal.ts';

const MINUTE_MS = 60_000;

export interface InputReporterOptions {
  clock: Clock;
  /** Tells the hub; a failure is dropped, the next input tells again. */
  report: () => Promise<unknown>;
  /** True while the person uses the window at this moment, for input that no event shows, as typing in a terminal. */
  isActive: () => boolean;
}

/** Tells the hub that its person types or clicks: at most once a minute, and never without input. */
export class InputReporter implements Disposable {
  readonly #options: InputReporterOptions;
  #sentAt = -Infinity;
  #pending = false;
  #timer: Disposable | undefined;

  constructor(options: InputReporterOptions) {
    this.#options = options;
  }

  /** The person did something just now. */
  input(): void {
    this.#pending = true;
    if (this.#timer !== undefined) return;
    const wait = this.#sentAt + MINUTE_MS - this.#options.clock.now();
    if (wait <= 0) this.#send();
    else this.#later(wait);
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  #later(ms: number): void {
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = undefined;
      if (this.#pending || this.#options.isActive()) this.#send();
    });
  }

  #send(): void {
    this.#pending = false;
    this.#sentAt = this.#options.clock.now();
    this.#options.report().catch(() => undefined);
    this.#later(MINUTE_MS);
  }
}
