/** What was seen of the people who use this server. */
export class Activity {
  readonly #now: () => number;
  #lastInputAt: number | undefined;
  #pagesOpen = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Somebody did something. */
  input(): void {
    this.#lastInputAt = this.#now();
  }

  /** A page opened a socket; returns what to call when it is closed. */
  pageOpened(): () => void {
    this.#pagesOpen += 1;
    return () => void (this.#pagesOpen -= 1);
  }

  get lastInputAt(): number | undefined {
    return this.#lastInputAt;
  }

  /** Open sockets of pages: at least one for each page that is open. */
  get pagesOpen(): number {
    return this.#pagesOpen;
  }
}
