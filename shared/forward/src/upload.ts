import type { IncomingMessage } from 'node:http';
import type { Connection } from './connection.ts';

/**
 * Sends a client's request body over a connection, at the pace of the slower side. It begins to read only when the
 * connection stands: a request that was refused can still be sent elsewhere.
 */
export class Upload {
  readonly #req: IncomingMessage;
  readonly #connection: Connection;
  readonly #isChunked: boolean;
  readonly #onBytes: ((bytes: number) => void) | undefined;

  constructor(req: IncomingMessage, connection: Connection, isChunked: boolean, onBytes?: (bytes: number) => void) {
    this.#req = req;
    this.#connection = connection;
    this.#isChunked = isChunked;
    this.#onBytes = onBytes;
    req.on('data', this.#onData);
    req.on('end', this.#onEnd);
  }

  /**
   * Stops sending. What the client still sends is read and dropped, so that its connection can carry the answer and
   * further requests.
   */
  stop(): void {
    this.#req.off('data', this.#onData);
    this.#req.off('end', this.#onEnd);
    this.#req.resume();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#onBytes?.(chunk.length);
    if (this.#write(chunk)) return;
    this.#req.pause();
    this.#connection.drained(() => this.#req.resume());
  };

  readonly #onEnd = (): void => {
    if (this.#isChunked) this.#connection.write('0\r\n\r\n');
    this.#connection.endBody();
  };

  #write(chunk: Buffer): boolean {
    if (!this.#isChunked) return this.#connection.write(chunk);
    this.#connection.cork();
    this.#connection.write(`${chunk.length.toString(16)}\r\n`);
    this.#connection.write(chunk);
    const hasRoom = this.#connection.write('\r\n');
    this.#connection.uncork();
    return hasRoom;
  }
}
