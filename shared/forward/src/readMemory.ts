const READ_BYTES = 128 * 1024;

/** One buffer with what one read brought, for as long as pieces of it are in use. */
export class Lease {
  readonly #giveBack: () => void;
  #uses = 1;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  /** A further use; what is returned ends it. */
  take(): () => void {
    this.#uses += 1;
    return this.end;
  }

  /** Ends one use; after the last one the buffer is read into again. */
  readonly end = (): void => {
    this.#uses -= 1;
    if (this.#uses === 0) this.#giveBack();
  };
}

/**
 * The memory that one long answer is read into: two or three buffers that take turns. A buffer for each read would lie
 * outside of V8's heap, where V8 sees no reason for a quick collection: it collects everything, again after every 40 MB,
 * which takes more CPU time than passing the answer on, and more the larger the heap is.
 */
export class ReadMemory {
  readonly #spare: Uint8Array[] = [];

  /** A buffer to read into that nobody uses. */
  next(): Uint8Array {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);
  }

  /** Lends a buffer that has been read into, until all its uses have ended. One that is never given back is collected. */
  lease(buffer: Uint8Array): Lease {
    return new Lease(() => this.#spare.push(buffer));
  }
}
