/** Each looks at every file that changed, as fast as the disk goes. */
const WIDTH = 2;

/**
 * Measurements of containers, which their owners may ask for without end: one of each container at a time, shared by all
 * who ask meanwhile, and two in all; the others wait in their order.
 */
export class Measurements<T> {
  readonly #under = new Map<string, Promise<T>>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  /**
   * The measurement of `container` that is under way, else a new one by `measure`. One that finds no place before `signal`
   * aborts begins nevertheless: it tells what takes no time, and all else as not known.
   */
  of(container: string, signal: AbortSignal, measure: () => Promise<T>): Promise<T> {
    const under = this.#under.get(container);
    if (under !== undefined) return under;
    const begun = this.#inTurn(signal, measure).finally(() => this.#under.delete(container));
    this.#under.set(container, begun);
    return begun;
  }

  async #inTurn(signal: AbortSignal, measure: () => Promise<T>): Promise<T> {
    const hasPlace = await this.#place(signal);
    try {
      return await measure();
    } finally {
      if (hasPlace) this.#leave();
    }
  }

  /** Whether there was a place in time. */
  #place(signal: AbortSignal): Promise<boolean> {
    if (this.#busy < WIDTH) {
      this.#busy += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        resolve(false);
      };
      this.#waiting.push(go);
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The place goes to who waits longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }
}
