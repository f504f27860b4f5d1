import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { forwardError } from './errors.ts';

/**
 * A client's request body as a stream of its own. undici destroys the stream it is given when a request fails; given the
 * request itself that would close the client's connection, and the caller could not answer with an error page.
 */
export class RequestBody extends Readable {
  readonly #req: IncomingMessage;
  readonly #onChunk: ((bytes: number) => void) | undefined;

  constructor(req: IncomingMessage, onChunk?: (bytes: number) => void) {
    super({ highWaterMark: 64 * 1024 });
    this.#req = req;
    this.#onChunk = onChunk;
    req.on('data', this.#take);
    req.on('end', this.#end);
    req.on('close', this.#closed);
  }

  override _read(): void {
    this.#req.resume();
  }

  /** What the client still sends is read and dropped, so that its connection can carry the answer and further requests. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#req.off('data', this.#take);
    this.#req.off('end', this.#end);
    this.#req.off('close', this.#closed);
    this.#req.resume();
    callback(error);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#onChunk?.(chunk.length);
    if (!this.push(chunk)) this.#req.pause();
  };

  readonly #end = (): void => {
    this.push(null);
  };

  readonly #closed = (): void => {
    if (!this.#req.complete) this.destroy(forwardError('client-gone'));
  };
}
