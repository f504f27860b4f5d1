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
    const written = (error?: Error | null): void => {
      if (!error) giveBack(chunk);
    };
    if (!this.#isChunked) return this.#connection.write(chunk, written);
    this.#connection.cork();
    this.#connection.write(`${chunk.length.toString(16)}\r\n`);
    this.#connection.write(chunk, written);
    const hasRoom = this.#connection.write('\r\n');
    this.#connection.uncork();
    return hasRoom;
  }
}

/**
 * Frees the memory of a piece that has left. Node makes new memory for each piece, which V8 by itself frees only by a
 * collection of everything, again after every 40 MB: more CPU time than passing the piece on. Whoever still held the piece
 * would find it empty, not filled with something else.
 */
function giveBack({ buffer, byteLength }: Buffer): void {
  // Small pieces may lie in memory that Node shares among buffers.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
