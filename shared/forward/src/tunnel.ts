import net, { Socket } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConnectionTimeouts } from './connection.ts';
import { forwardError, toForwardError, type ForwardError } from './errors.ts';
import { responseHeaders } from './headers.ts';
import { outgoingUpgrade } from './outgoing.ts';
import { ResponseParser, type ResponseHandler, type ResponseHead } from './responseParser.ts';
import { LINGER_MS, splice, type Splice } from './splice.ts';
import type { ForwardOptions, ForwardResult, ResponseHeaders, Target } from './types.ts';

const SWITCHING = 101;
// A filter may have put in what the parser would not have let through.
const CONTROL_CHARACTER = /[\u0000-\u0008\u000a-\u001f\u007f\u0100-\uffff]/;

/**
 * All tunnels read what comes from upstream into this buffer, and copy it on: reads are synchronous. Memory of this size for
 * each read would be the larger part of the work that a small message makes.
 */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024);

/** One upgrade: asks the target, relays its answer and, after a 101, joins the two sockets. */
export class Tunnel implements ResponseHandler {
  readonly #client: Duplex;
  readonly #early: Buffer;
  readonly #options: ForwardOptions;
  readonly #settle: (result: ForwardResult) => void;
  readonly #parser = new ResponseParser(this);
  #upstream: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #splice: Splice | undefined;
  #isSwitched = false;
  #headersSent = false;
  #done = false;

  /**
   * `early` is what the client sent behind its request. Listens on the client's socket at once: a reset without a
   * listener would end the process.
   */
  constructor(client: Duplex, early: Buffer, options: ForwardOptions, settle: (result: ForwardResult) => void) {
    this.#client = client;
    this.#early = early;
    this.#options = options;
    this.#settle = settle;
    client.on('error', ignore);
    client.on('close', this.#onClientClosed);
  }

  start(req: IncomingMessage, target: Target, timeouts: ConnectionTimeouts): void {
    if (this.#client.destroyed) {
      this.#fail(forwardError('client-gone'));
      return;
    }
    try {
      this.#dial(outgoingUpgrade(req, target, this.#options), target, timeouts);
    } catch (error) {
      this.#fail(toForwardError(error));
    }
  }

  /** Ends both sides. */
  destroy(error: ForwardError): void {
    if (this.#headersSent) this.#client.destroy();
    this.#fail(error);
  }

  onHead(head: ResponseHead): void {
    const headers = responseHeaders(head.headers, head.status, false);
    this.#isSwitched = head.status === SWITCHING;
    headers['connection'] = this.#isSwitched ? 'Upgrade' : 'close';
    if (this.#isSwitched) headers['upgrade'] = head.headers['upgrade'];
    const filtered = this.#options.filterResponse?.(head.status, headers) ?? headers;
    const text = responseHead(head, filtered);
    clearTimeout(this.#timer);
    this.#headersSent = true;
    this.#client.write(text, 'latin1');
  }

  onBody(chunk: Buffer): void {
    if (this.#client.write(chunk)) return;
    this.#upstream?.pause();
    this.#client.once('drain', () => this.#upstream?.resume());
  }

  onEnd(): void {
    if (!this.#isSwitched) this.#endRelay();
  }

  #dial(head: string, { host, port }: Target, timeouts: ConnectionTimeouts): void {
    const onread = { buffer: SHARED, callback: this.#onRead };
    const upstream = net.connect({ host, port, allowHalfOpen: true, onread });
    this.#upstream = upstream;
    this.#parser.begin('GET', true);
    this.#limit(timeouts.connectTimeoutMs);
    upstream.on('connect', () => this.#limit(timeouts.headersTimeoutMs));
    upstream.on('end', this.#onEnd);
    upstream.on('error', this.#onError);
    upstream.on('close', this.#onEnd);
    upstream.write(head, 'latin1');
  }

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(forwardError('timeout')), ms).unref();
  }

  readonly #onRead = (bytes: number, { buffer, byteOffset }: Uint8Array): boolean => {
    // The client's socket may keep it until it is written.
    const chunk = Buffer.from(Buffer.from(buffer, byteOffset, bytes));
    if (this.#splice === undefined) this.#parse(chunk);
    else this.#splice.down(chunk);
    return true;
  };

  #parse(chunk: Buffer): void {
    try {
      const used = this.#parser.feed(chunk);
      if (this.#isSwitched) this.#join(chunk.subarray(used));
    } catch (error) {
      this.destroy(toForwardError(error));
    }
  }

  readonly #onEnd = (): void => {
    if (this.#parser.finish()) return;
    this.destroy(forwardError('reset'));
  };

  readonly #onError = (error: Error): void => {
    this.destroy(toForwardError(error));
  };

  #join(rest: Buffer): void {
    const upstream = this.#upstream;
    if (upstream === undefined || this.#done) return;
    upstream.off('end', this.#onEnd).off('close', this.#onEnd).off('error', this.#onError);
    upstream.on('error', ignore);
    this.#client.off('close', this.#onClientClosed);
    if (this.#early.length > 0) this.#client.unshift(this.#early);
    this.#splice = splice(this.#client, upstream, this.#options);
    void this.#splice.closed.then(() => this.#finish({ ok: true }));
    if (rest.length > 0) this.#splice.down(rest);
  }

  /** An answer that is no upgrade has been passed on; the connection ends with it, because a tunnel may not follow. */
  #endRelay(): void {
    this.#upstream?.destroy();
    this.#client.end(() => this.#finish({ ok: true }));
    // Read to the end: closing with unread bytes would reset the connection and the answer with it.
    this.#client.resume();
    if (this.#client instanceof Socket) this.#client.setTimeout(LINGER_MS, () => this.#client.destroy());
  }

  readonly #onClientClosed = (): void => {
    this.#fail(forwardError('client-gone'));
  };

  #fail(error: ForwardError): void {
    this.#finish({ ok: false, error, headersSent: this.#headersSent });
  }

  #finish(result: ForwardResult): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#timer);
    this.#client.off('close', this.#onClientClosed);
    if (!result.ok) {
      this.#parser.abandon();
      this.#upstream?.destroy();
    }
    this.#settle(result);
  }
}

function responseHead({ status, text }: ResponseHead, headers: ResponseHeaders): string {
  const lines = [`HTTP/1.1 ${status} ${text}`];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    for (const item of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${item}`);
  }
  if (lines.some((line) => CONTROL_CHARACTER.test(line))) throw forwardError('bad-response');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function ignore(): void {
  // An error of a socket is always followed by its `close`, which is acted upon.
}
