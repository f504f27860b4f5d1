interface Sample {
  at: number;
  cpuUs: number;
}

/** Cores in use, averaged over a window of time that is given in ms, from samples of the CPU time that was used. */
export class CpuLoad {
  readonly #windowMs: number;
  #samples: Sample[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes the CPU time used so far; undefined if the kernel does not say. */
  add(at: number, cpuUs: number | undefined): void {
    if (cpuUs === undefined) return;
    this.#samples.push({ at, cpuUs });
    // One sample older than the window stays, so that the mean spans all of it.
    while (this.#samples[1] !== undefined && this.#samples[1].at <= at - this.#windowMs) this.#samples.shift();
  }

  /** Undefined until a whole window has been seen. */
  get cores(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < this.#windowMs) return undefined;
    return (last.cpuUs - first.cpuUs) / 1000 / (last.at - first.at);
  }
}
