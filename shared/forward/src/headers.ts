import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ForwardError } from './errors.ts';
import type { ResponseHeaders } from './types.ts';

/**
 * Headers that belong to one connection (RFC 9110 section 7.6.1) and never travel on. `expect` is answered by the
 * listening server itself, which has already said "100 Continue"; passing it on would ask for a second one.
 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]);

/** What may stand in the value of a header, and in a path. Anything else could end the line, and begin one of its own. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^\/[\x21-\x7e\x80-\xff]*$/;

/** How the client's request carries its body: none, a known number of bytes, or chunks of unknown total. */
export type BodyKind = 'none' | 'sized' | 'chunked';

/**
 * Says how the request's body is framed and refuses every request whose framing two programs could read differently:
 * two lengths, a length beside chunks, another transfer coding, two hosts. Node's parser refuses most of these already;
 * this holds even where a server was made lenient.
 */
export function bodyKind(req: IncomingMessage): BodyKind {
  refuseDoubled(req.rawHeaders);
  const encoding = req.headers['transfer-encoding'];
  const length = req.headers['content-length'];
  if (encoding !== undefined) {
    if (length !== undefined) throw badRequest('The request has both Content-Length and Transfer-Encoding.');
    if (encoding.toLowerCase() !== 'chunked') throw badRequest('The only transfer coding that works here is chunked.');
    return 'chunked';
  }
  if (length === undefined) return 'none';
  if (!/^\d{1,15}$/.test(length)) throw badRequest('The header Content-Length is not a number of bytes.');
  return Number(length) === 0 ? 'none' : 'sized';
}

export interface RequestLine {
  method: string;
  /** Path and query. */
  path: string;
  /** Sent where the client named no host. */
  host: string;
}

/**
 * The head to send upstream: the client's headers without hop-by-hop ones and those that `Connection` names, then
 * overwritten. The caller adds the lines that frame the body or ask for an upgrade, and the empty line.
 */
export function requestHead(
  { method, path, host }: RequestLine,
  headers: IncomingHttpHeaders,
  set: Record<string, string | undefined> | undefined,
): string {
  if (!PATH.test(path)) throw badRequest('The address must begin with a slash and have no blanks.');
  const named = namedByConnection(headers.connection);
  const overwritten = set === undefined ? undefined : lowerCaseNames(set);
  let head = `${method} ${path} HTTP/1.1\r\n`;
  if (headers.host === undefined && !overwritten?.has('host')) head += `host: ${host}\r\n`;
  for (const name in headers) {
    if (HOP_BY_HOP.has(name) || named?.has(name) || overwritten?.has(name)) continue;
    head += fieldLines(name, headers[name]);
  }
  if (overwritten !== undefined) for (const [name, value] of overwritten) head += fieldLines(name, value);
  return head;
}

/**
 * The response headers to pass on: without hop-by-hop headers, and without what contradicts the way in which the
 * response is sent (a length where no body may be; `Trailer` without chunks makes Node throw).
 */
export function responseHeaders(upstream: ResponseHeaders, status: number, trailersAllowed: boolean): ResponseHeaders {
  const named = namedByConnection(upstream.connection);
  const chunked = upstream['transfer-encoding'] !== undefined;
  const headers: ResponseHeaders = {};
  for (const name in upstream) {
    if (named?.has(name)) continue;
    if (HOP_BY_HOP.has(name) && !(name === 'trailer' && chunked && trailersAllowed)) continue;
    if (name === 'content-length' && (status === 204 || chunked)) continue;
    const value = upstream[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** Trailers come after every check of the headers, so framing and cookies in them are dropped (RFC 9110 section 6.5.1). */
export function isRefusedTrailer(name: string): boolean {
  return HOP_BY_HOP.has(name) || name === 'content-length' || name === 'set-cookie';
}

function refuseDoubled(rawHeaders: string[]): void {
  let hosts = 0;
  let lengths = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 14 && name.toLowerCase() === 'content-length') lengths += 1;
  }
  if (hosts > 1) throw badRequest('The request has more than one Host header.');
  if (lengths > 1) throw badRequest('The request has more than one Content-Length header.');
}

function namedByConnection(connection: string | string[] | undefined): Set<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  const tokens = String(connection).toLowerCase().split(',');
  return new Set(tokens.map((token) => token.trim()));
}

function lowerCaseNames(set: Record<string, string | undefined>): Map<string, string | undefined> {
  const map = new Map<string, string | undefined>();
  for (const name in set) map.set(name.toLowerCase(), set[name]);
  return map;
}

function fieldLines(name: string, value: string | string[] | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return value.map((item) => fieldLines(name, item)).join('');
  if (!VALUE.test(value)) throw badRequest(`The header ${name} holds a control character.`);
  return `${name}: ${value}\r\n`;
}

function badRequest(message: string): ForwardError {
  return new ForwardError('bad-request', message);
}
