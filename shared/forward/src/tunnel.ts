import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ForwardError, forwardError, toForwardError } from './errors.ts';
import { bodyKind, requestHeaders, responseHeaders, type FlatHeaders } from './headers.ts';
import { LINGER_MS, splice } from './splice.ts';
import type { ForwardOptions, ForwardResult, ResponseHeaders, Target } from './types.ts';

/** Header values may hold tabs and anything printable; a control character would start a header of the target's choice. */
const CONTROL_CHARACTER = /[\u0000-\u0008\u000a-\u001f\u007f]/;

export interface TunnelTimeouts {
  connectTimeoutMs: number;
  headersTimeoutMs: number;
}

/** One upgrade: asks the target, relays its answer and, after a 101, joins the two sockets. */
export class Tunnel {
  readonly #client: Duplex;
  readonly #head: Buffer;
  readonly #options: ForwardOptions;
  readonly #settle: (result: ForwardResult) => void;
  #request: http.ClientRequest | undefined;
  #upstream: Duplex | undefined;
  #timer: NodeJS.Timeout | undefined;
  #headersSent = false;
  #done = false;

  /** Listens on the client's socket at once: a reset without a listener would end the process. */
  constructor(client: Duplex, head: Buffer, options: ForwardOptions, settle: (result: ForwardResult) => void) {
    this.#client = client;
    this.#head = head;
    this.#options = options;
    this.#settle = settle;
    client.on('error', ignore);
    client.on('close', this.#clientClosed);
  }

  start(req: IncomingMessage, target: Target, agent: http.Agent, timeouts: TunnelTimeouts): void {
    if (this.#client.destroyed) {
      this.#fail(forwardError('client-gone'));
      return;
    }
    try {
      this.#dial(req, target, agent, timeouts);
    } catch (error) {
      this.#fail(toForwardError(error));
    }
  }

  /** Ends both sides. */
  destroy(error: ForwardError): void {
    if (this.#headersSent) this.#client.destroy();
    this.#fail(error);
  }

  #dial(req: IncomingMessage, target: Target, agent: http.Agent, timeouts: TunnelTimeouts): void {
    const path = this.#options.path ?? req.url ?? '';
    const request = http.request({
      host: target.host,
      port: target.port,
      path,
      method: 'GET',
      headers: upgradeHeaders(req, path, this.#options),
      agent,
      setHost: false,
    });
    this.#request = request;
    this.#limit(timeouts.connectTimeoutMs);
    request.on('socket', (socket) => socket.once('connect', () => this.#limit(timeouts.headersTimeoutMs)));
    request.on('error', (error) => this.#fail(toForwardError(error)));
    request.on('upgrade', (answer, upstream, head) => this.#upgraded(answer, upstream, head));
    request.on('response', (answer) => this.#relay(answer));
    request.end();
  }

  #limit(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#done) this.#timer = setTimeout(() => this.#fail(forwardError('timeout')), ms).unref();
  }

  #upgraded(answer: IncomingMessage, upstream: Duplex, head: Buffer): void {
    upstream.on('error', ignore);
    if (this.#done) {
      upstream.destroy();
      return;
    }
    this.#upstream = upstream;
    this.#request = undefined;
    const headers = responseHeaders(answer.headers, 101, false);
    headers['connection'] = 'Upgrade';
    headers['upgrade'] = answer.headers.upgrade;
    if (!this.#answer(answer, headers)) return;
    if (head.length > 0) upstream.unshift(head);
    if (this.#head.length > 0) this.#client.unshift(this.#head);
    this.#client.off('close', this.#clientClosed);
    void splice(this.#client, upstream, this.#options).then(() => this.#finish({ ok: true }));
  }

  /** Passes on an answer that is no upgrade; the connection ends with it, because a tunnel may not follow. */
  #relay(answer: IncomingMessage): void {
    const headers = responseHeaders(answer.headers, answer.statusCode ?? 502, false);
    headers['connection'] = 'close';
    if (!this.#answer(answer, headers)) return;
    answer.on('error', (error) => {
      this.#client.destroy();
      this.#fail(toForwardError(error));
    });
    this.#client.on('finish', () => this.#finish({ ok: true }));
    // Read to the end: closing with unread bytes would reset the connection and the answer with it.
    this.#client.resume();
    if (this.#client instanceof Socket) this.#client.setTimeout(LINGER_MS, () => this.#client.destroy());
    answer.pipe(this.#client);
  }

  /** Writes the status line and the headers, or fails on one that is not clean. */
  #answer(answer: IncomingMessage, unfiltered: ResponseHeaders): boolean {
    clearTimeout(this.#timer);
    const status = answer.statusCode ?? 502;
    const headers = this.#options.filterResponse?.(status, unfiltered) ?? unfiltered;
    const head = responseHead(status, answer.statusMessage ?? '', headers);
    if (head === undefined) {
      this.#fail(forwardError('bad-response'));
      return false;
    }
    this.#headersSent = true;
    this.#client.write(head, 'latin1');
    return true;
  }

  readonly #clientClosed = (): void => {
    this.#fail(forwardError('client-gone'));
  };

  #fail(error: ForwardError): void {
    this.#finish({ ok: false, error, headersSent: this.#headersSent });
  }

  #finish(result: ForwardResult): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#timer);
    this.#client.off('close', this.#clientClosed);
    if (!result.ok) {
      this.#request?.destroy();
      this.#upstream?.destroy();
    }
    this.#settle(result);
  }
}

/** Checks the request for an upgrade and gives the headers to send. Throws a `ForwardError`. */
function upgradeHeaders(req: IncomingMessage, path: string, options: ForwardOptions): FlatHeaders {
  if (!path.startsWith('/')) throw new ForwardError('bad-request', 'The address must begin with a slash.');
  // A tunnel is not looked into. One to an HTTP/2 server (h2c) would carry further requests past every check.
  if (req.method !== 'GET' || req.headers.upgrade?.toLowerCase() !== 'websocket') {
    throw new ForwardError('bad-request', 'The only upgrade that is passed on is to WebSocket.');
  }
  if (bodyKind(req) !== 'none') throw new ForwardError('bad-request', 'A request for an upgrade has no body.');
  return [...requestHeaders(req, options.setHeaders), 'connection', 'Upgrade', 'upgrade', 'websocket'];
}

function responseHead(status: number, text: string, headers: ResponseHeaders): string | undefined {
  const lines = [`HTTP/1.1 ${status} ${text}`];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    for (const item of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${item}`);
  }
  if (lines.some((line) => CONTROL_CHARACTER.test(line))) return undefined;
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function ignore(): void {
  // An error of a socket is always followed by its `close`, which is acted upon.
}
