import { randomBytes } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { problemOf, type AppError } from '../platform/errors.ts';
import { randomId } from '../platform/random.ts';
import { pagePolicy, renderPage, type PageOptions } from './pages/page.ts';
import { pageLanguage } from './language.ts';

const COMMON = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;
/** A client that does not close its side of a refused upgrade is cut off after this long. */
const LINGER_MS = 2_000;

/** How a browser asks: for a whole tab, for a frame, or (scripts, programs) not for a page at all. */
export type Asking = 'tab' | 'frame' | 'program';

/** Tells from the headers whether an answer is for the eyes of a person. */
export function askingOf(req: IncomingMessage): Asking {
  if (req.method !== 'GET') return 'program';
  const { accept, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = req.headers;
  const page = mode === undefined ? (accept?.includes('text/html') ?? false) : mode === 'navigate';
  if (!page) return 'program';
  return destination === undefined || destination === 'document' ? 'tab' : 'frame';
}

/** Answers with a page. `retryAfter` in seconds. */
export function sendPage(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  page: Omit<PageOptions, 'nonce' | 'language'>,
  retryAfter?: number,
): void {
  const nonce = randomBytes(16).toString('base64');
  const html = renderPage({ ...page, nonce, language: pageLanguage(req) });
  send(req, res, status, html, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': pagePolicy(nonce),
    vary: 'Accept-Language, Cookie',
    ...retry(retryAfter),
  });
}

/** Answers with `application/problem+json`. */
export function sendProblem(req: IncomingMessage, res: ServerResponse, error: AppError, retryAfter?: number): void {
  const problem = problemOf(error, randomId());
  send(req, res, problem.status, JSON.stringify(problem), {
    'content-type': 'application/problem+json',
    'x-request-id': problem.requestId,
    ...retry(retryAfter),
  });
}

/** Answers with JSON that nobody keeps. */
export function sendJson(req: IncomingMessage, res: ServerResponse, body: unknown): void {
  send(req, res, 200, JSON.stringify(body), { 'content-type': 'application/json' });
}

/** Sends the browser elsewhere; 303 makes a GET of any method. */
export function sendRedirect(
  res: ServerResponse,
  status: 302 | 303 | 308,
  location: string,
  cookies: readonly string[] = [],
): void {
  res.writeHead(status, {
    ...COMMON,
    location,
    'content-length': 0,
    ...(cookies.length === 0 ? {} : { 'set-cookie': [...cookies] }),
  });
  res.end();
}

/** Answers a refused upgrade with a status line and the problem, and closes. */
export function refuseUpgrade(socket: Duplex, error: AppError): void {
  if (socket.destroyed) return;
  const problem = problemOf(error, randomId());
  const body = JSON.stringify(problem);
  // Unread bytes at close would reset the connection and the answer with it.
  socket.resume();
  if (socket instanceof Socket) socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? 'Refused'}\r\n` +
      'content-type: application/problem+json\r\n' +
      `content-length: ${String(Buffer.byteLength(body))}\r\n` +
      `x-request-id: ${problem.requestId}\r\n` +
      `cache-control: no-store\r\nconnection: close\r\n\r\n${body}`,
  );
}

function retry(afterS: number | undefined): Record<string, string> {
  return afterS === undefined ? {} : { 'retry-after': String(afterS) };
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string>,
): void {
  if (res.headersSent || res.destroyed) return;
  // Nobody reads the rest of a refused upload; without a close Node would take all of it in.
  const unread = !req.complete && req.method !== 'GET' && req.method !== 'HEAD';
  res.writeHead(status, {
    ...COMMON,
    ...headers,
    'content-length': Buffer.byteLength(body),
    ...(unread ? { connection: 'close' } : {}),
  });
  res.end(req.method === 'HEAD' ? undefined : body);
}
