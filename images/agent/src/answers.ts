import { STATUS_CODES, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EditorState } from './editor.ts';

/** An answer of the agent itself. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** A client that does not close its side of a refused upgrade is cut off after this long. */
const LINGER_MS = 2000;

export const FORBIDDEN: Answer = { status: 403 };

export function text(status: number, message: string): Answer {
  return { status, headers: { 'content-type': TEXT_TYPE }, body: `${message}\n` };
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

export function redirect(location: string): Answer {
  return { status: 308, headers: { location } };
}

/** What is said in place of an editor that does not run (503) or did not answer properly (another status). */
export function editorUnavailable(status: number, { name, phase, message }: EditorState): Answer {
  return json(
    status,
    { editor: name, phase, message: message ?? 'The editor does not answer.' },
    { 'retry-after': '1' },
  );
}

export function answerRequest(res: ServerResponse, { status, headers, body = '' }: Answer): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { ...headers, 'cache-control': 'no-store', 'content-length': Buffer.byteLength(body) });
  res.end(body);
}

export function answerUpgrade(socket: Duplex, { status, headers, body = '' }: Answer): void {
  if (socket.destroyed) return;
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`];
  const all = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  for (const [name, value] of Object.entries(all)) lines.push(`${name}: ${value}`);
  // Unread bytes at close would reset the connection and the answer with it.
  socket.resume();
  if (socket instanceof Socket) socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
