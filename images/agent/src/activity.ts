/** What was seen of the people who use this server. */
export class Activity {
  readonly #now: () => number;
  #lastInputAt: number | undefined;
  #pagesOpen = 0;
  #lastPageAt: number | undefined;

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
    return () => {
      this.#pagesOpen -= 1;
      this.#lastPageAt = this.#now();
    };
  }

  get lastInputAt(): number | undefined {
    return this.#lastInputAt;
  }

  /** The last moment at which a page was open, which may be now; undefined if none ever was. */
  get lastPageAt(): number | undefined {
    return this.#pagesOpen > 0 ? this.#now() : this.#lastPageAt;
  }

  /** Open sockets of pages: at least one for each page that is open. */
  get pagesOpen(): number {
    return this.#pagesOpen;
  }
}
