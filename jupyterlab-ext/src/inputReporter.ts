export interface InputReporterOptions {
  report: () => Promise<void>;
  everyMs?: number;
}

const EVERY_MS = 60_000;

/** Reports the first input at once and then at most once a minute, only when there was input since the last report. */
export class InputReporter {
  readonly #report: () => Promise<void>;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = false;

  constructor({ report, everyMs = EVERY_MS }: InputReporterOptions) {
    this.#report = report;
    this.#everyMs = everyMs;
  }

  /** A person typed or clicked. */
  input(): void {
    if (this.#timer === undefined) this.#send();
    else this.#since = true;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#since = false;
  }

  #send(): void {
    this.#since = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#since) this.#send();
    }, this.#everyMs);
    // A report that is lost is made up for by the next one.
    this.#report().catch(() => undefined);
  }
}
