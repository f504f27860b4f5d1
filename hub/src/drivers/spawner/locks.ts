/** One queue per key: what changes one server's container happens one after the other. */
export class Locks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` when all earlier work of `key` is over, however that ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const own = before === undefined ? work() : before.then(work, work);
    this.#tails.set(key, own);
    try {
      return await own;
    } finally {
      if (this.#tails.get(key) === own) this.#tails.delete(key);
    }
  }

  /** Keys with work going on or waiting. */
  held(): string[] {
    return [...this.#tails.keys()];
  }
}
