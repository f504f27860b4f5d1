import net from 'node:net';
import { ForwardError, forwardError, toForwardError } from './errors.ts';
import { ResponseParser, type ResponseHandler, type ResponseHead } from './responseParser.ts';
import { ReadMemory, type Lease } from './readMemory.ts';
import type { ResponseHeaders, Target } from './types.ts';

/** What a request on a connection is told. After `onFailed` or `onEnd` nothing more comes. */
export interface ConnectionUser {
  /** The connection stands and the head is on its way; a body may follow. */
  onConnected(): void;
  onHead(head: ResponseHead): void;
  /**
   * A piece of the body. Its memory is used again as soon as `written` is called; where there is none to call, as soon as
   * the call returns.
   */
  onBody(chunk: Buffer, written: (() => void) | undefined): void;
  /** All that came at once has been told, and there will be more. */
  onPause(): void;
  onEnd(trailers: ResponseHeaders | undefined): void;
  onFailed(error: ForwardError): void;
}

export interface ConnectionTimeouts {
  connectTimeoutMs: number;
  /** From the end of the request to the head of the answer. */
  headersTimeoutMs: number;
}

/** Told once each time the connection is free for another request, and once when it has ended. */
export interface ConnectionOwner {
  onIdle(connection: Connection): void;
  onClosed(connection: Connection): void;
}

const NOT_TAKEN = 'The answer could not be passed on.';
const KEEP_ALIVE_PROBE_MS = 60_000;
/** Idle connections are kept for less than the 5 s after which many servers close them. */
const KEPT_MS = 4000;
const KEPT_LONGEST_MS = 60_000;
/** Taken off what the target promises: a request that is on its way when the target closes is lost. */
const KEPT_MARGIN_MS = 2000;

/**
 * All connections read into this one buffer: reads are synchronous, a small answer is copied on at once, and no memory is
 * allocated for it. An answer that needs more than one read gets memory of its own, which is passed on without a copy.
 */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

/** One connection to a target; carries one request at a time. */
export class Connection implements ResponseHandler {
  readonly #socket: net.Socket;
  readonly #owner: ConnectionOwner;
  readonly #timeouts: ConnectionTimeouts;
  readonly #parser = new ResponseParser(this);
  #user: ConnectionUser | undefined;
  #requests = 0;
  #connected = false;
  /** What the present answer is read into when it needs more than one read. */
  #memory: ReadMemory | undefined;
  /** What the present read lies in; undefined: in the buffer that all share. */
  #lease: Lease | undefined;
  #sending = false;
  #answered = false;
  #paused = false;
  #keptMs = KEPT_MS;
  #error: unknown;
  /** When the present wait, for the connection, for an answer, or idle, has been long enough; ms since the epoch. */
  deadline = Infinity;

  constructor({ host, port }: Target, owner: ConnectionOwner, timeouts: ConnectionTimeouts) {
    this.#owner = owner;
    this.#timeouts = timeouts;
    this.#socket = net.connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
      onread: { buffer: () => this.#memory?.next() ?? SHARED, callback: this.#onRead },
    });
    this.#socket.on('connect', () => this.#onConnect());
    this.#socket.on('end', () => this.#parser.finish());
    this.#socket.on('error', (error) => (this.#error = error));
    this.#socket.on('close', () => this.#onClose());
  }

  /** It has carried a request before, and the target may have closed it at the moment of the next one. */
  get isUsedAgain(): boolean {
    return this.#requests > 1;
  }

  /** Neither side has begun to close it. */
  get isUsable(): boolean {
    return this.#socket.writable && !this.#socket.readableEnded;
  }

  /** Begins a request: `head` to the empty line. With `hasBody` the body follows by `write` and `endBody`. */
  send(user: ConnectionUser, method: string, head: string, hasBody: boolean): void {
    this.#user = user;
    this.#requests += 1;
    this.#memory = undefined;
    this.#sending = hasBody;
    this.#answered = false;
    this.#parser.begin(method);
    this.#socket.write(head, 'latin1');
    if (this.#connected) this.#begin(user);
    else this.deadline = Date.now() + this.#timeouts.connectTimeoutMs;
  }

  /** Sends a piece of the body; false asks to wait for `drained`. `written` is told when the piece has left, or why not. */
  write(chunk: Buffer | string, written?: (error?: Error | null) => void): boolean {
    return this.#socket.write(chunk, 'latin1', written);
  }

  /** Calls back once when what was written has left. */
  drained(callback: () => void): void {
    this.#socket.once('drain', callback);
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** The body has been written to its end; from now on the answer is waited for. */
  endBody(): void {
    this.#sending = false;
    if (!this.#answered) this.deadline = Date.now() + this.#timeouts.headersTimeoutMs;
  }

  /** Stops reading, so that the target is slowed down. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  /** Gives the connection up. Its user, if any, is told the reason before this returns. */
  destroy(error: ForwardError): void {
    this.#parser.abandon();
    this.#fail(error);
    this.#socket.destroy();
  }

  onHead(head: ResponseHead): void {
    this.#answered = true;
    this.deadline = Infinity;
    this.#keep(head.headers['keep-alive']);
    this.#user?.onHead(head);
  }

  onBody(chunk: Buffer): void {
    this.#user?.onBody(chunk, this.#lease?.take());
  }

  onEnd(trailers: ResponseHeaders | undefined): void {
    const user = this.#user;
    this.#user = undefined;
    user?.onEnd(trailers);
  }

  #onConnect(): void {
    this.#connected = true;
    if (this.#user !== undefined) this.#begin(this.#user);
  }

  #begin(user: ConnectionUser): void {
    this.deadline = this.#sending ? Infinity : Date.now() + this.#timeouts.headersTimeoutMs;
    user.onConnected();
  }

  readonly #onRead = (bytes: number, buffer: Uint8Array): boolean => {
    const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
    const wasDone = this.#parser.isDone;
    const lease = (this.#lease = buffer === SHARED ? undefined : this.#memory?.lease(buffer));
    try {
      const used = this.#parser.feed(chunk);
      this.#user?.onPause();
      if (!this.#parser.isDone) this.#memory ??= new ReadMemory();
      // What nobody asked for could be taken for the answer to the next request.
      else if (wasDone || used < bytes || !this.#parser.isPersistent || this.#sending) this.#socket.destroy();
      else this.#rest();
    } catch (error) {
      this.destroy(error instanceof ForwardError ? error : new ForwardError('bad-response', NOT_TAKEN, error));
    }
    lease?.end();
    return true;
  };

  #rest(): void {
    this.#memory = undefined;
    // The user may have paused at the very end; nobody would resume.
    if (this.#paused) this.resume();
    this.deadline = Date.now() + this.#keptMs;
    this.#owner.onIdle(this);
  }

  /** How long the target keeps idle connections, if it says so: `timeout=5, max=100`. */
  #keep(header: string | string[] | undefined): void {
    const seconds = header === undefined ? undefined : /\btimeout=(\d{1,6})\b/.exec(String(header))?.[1];
    if (seconds === undefined) return;
    this.#keptMs = Math.min(KEPT_LONGEST_MS, Math.max(0, Number(seconds) * 1000 - KEPT_MARGIN_MS));
  }

  #onClose(): void {
    this.#parser.abandon();
    this.#fail(this.#error === undefined ? forwardError('reset') : toForwardError(this.#error));
    this.#owner.onClosed(this);
  }

  #fail(error: ForwardError): void {
    const user = this.#user;
    this.#user = undefined;
    user?.onFailed(error);
  }
}
