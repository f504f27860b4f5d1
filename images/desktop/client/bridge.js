/**
 * Serves the desktop's page and joins its WebSockets to the VNC server's unix socket, on loopback only.
 * Settings by environment: PORT, VNC_SOCKET, PAGE_DIR.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { createWebSocketStream, WebSocketServer } from 'ws';

/** A proxy or a router on the way drops connections that are silent for a minute. */
const PING_EVERY_MS = 25_000;
/** A client sends keys, pointer moves and its clipboard; nothing larger is meant. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
const POLICY =
  "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:";

const { PORT, VNC_SOCKET, PAGE_DIR } = process.env;

const files = new Map(
  [
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'page.css', 'text/css; charset=utf-8'],
  ].map(([path, name, type]) => {
    const body = readFileSync(join(PAGE_DIR, name));
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    return [path, { body, packed: gzipSync(body), type, etag }];
  }),
);

function answer(request, response) {
  const file = files.get(new URL(request.url, 'http://localhost').pathname);
  if (file === undefined) return response.writeHead(404).end();
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return response.writeHead(405, { Allow: 'GET, HEAD' }).end();
  const headers = { ETag: file.etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' };
  if (request.headers['if-none-match'] === file.etag) return response.writeHead(304, headers).end();
  const packed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const body = packed ? file.packed : file.body;
  response.writeHead(200, {
    ...headers,
    'Content-Type': file.type,
    'Content-Length': body.length,
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
  });
  return response.end(request.method === 'HEAD' ? undefined : body);
}

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
sockets.on('connection', (socket) => {
  const vnc = connect(VNC_SOCKET);
  const stream = createWebSocketStream(socket);
  const timer = setInterval(() => socket.ping(), PING_EVERY_MS);
  socket.on('close', () => clearInterval(timer));
  pipeline(stream, vnc, stream, () => socket.terminate());
});

const server = createServer((request, response) => {
  try {
    answer(request, response);
  } catch {
    response.writeHead(400).end();
  }
});
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy());
  sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
});
server.listen(Number(PORT), '127.0.0.1');
