import type { IncomingMessage } from 'node:http';
import { ForwardError } from './errors.ts';
import { bodyKind, requestHead } from './headers.ts';
import type { ForwardOptions, Target } from './types.ts';

/** What is sent upstream, checked and ready before anything is dialled. */
export interface OutgoingRequest {
  method: string;
  /** Request line and headers to the empty line. */
  head: string;
  /** Whether a body follows, and whether it travels in chunks. */
  hasBody: boolean;
  isChunked: boolean;
}

/** Reads from the client's request what goes upstream. Throws a `ForwardError` for one that must not be passed on. */
export function outgoingRequest(req: IncomingMessage, target: Target, options: ForwardOptions): OutgoingRequest {
  const method = req.method ?? 'GET';
  // TRACE would show the target's secret headers to the client; CONNECT asks for a tunnel to anywhere.
  if (method === 'TRACE' || method === 'CONNECT') throw badRequest(`The method ${method} is not passed on.`);
  const body = bodyKind(req);
  const head = headOf(req, method, target, options);
  const isChunked = body === 'chunked';
  return {
    method,
    head: `${head}${isChunked ? 'transfer-encoding: chunked\r\n' : ''}\r\n`,
    hasBody: body !== 'none',
    isChunked,
  };
}

/** The head of a request for an upgrade to WebSocket. Throws a `ForwardError` for one that must not be passed on. */
export function outgoingUpgrade(req: IncomingMessage, target: Target, options: ForwardOptions): string {
  // A tunnel is not looked into. One to an HTTP/2 server (h2c) would carry further requests past every check.
  if (req.method !== 'GET' || req.headers.upgrade?.toLowerCase() !== 'websocket') {
    throw badRequest('The only upgrade that is passed on is to WebSocket.');
  }
  if (bodyKind(req) !== 'none') throw badRequest('A request for an upgrade has no body.');
  return `${headOf(req, 'GET', target, options)}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`;
}

function headOf(req: IncomingMessage, method: string, target: Target, options: ForwardOptions): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const line = { method, path: options.path ?? req.url ?? '', host: `${host}:${target.port}` };
  return requestHead(line, req.headers, options.setHeaders);
}

function badRequest(message: string): ForwardError {
  return new ForwardError('bad-request', message);
}
