import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/**
 * The program behind every proxy, a process of its own. `GET /` answers 200 bytes, `GET /download?bytes=N` N bytes,
 * `POST /upload` the number of bytes it got, and a WebSocket anywhere sends back what it gets. Prints where it is.
 */
const SMALL = Buffer.alloc(200, 'x');
const BLOCK = Buffer.alloc(64 * 1024, 'x');

function download(res: http.ServerResponse, bytes: number): void {
  let left = bytes;
  res.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
  const more = (): void => {
    while (left > 0) {
      const piece = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      left -= piece.length;
      if (!res.write(piece)) return;
    }
    res.end();
  };
  res.on('drain', more);
  more();
}

function upload(req: http.IncomingMessage, res: http.ServerResponse): void {
  let bytes = 0;
  req.on('data', (chunk: Buffer) => (bytes += chunk.length));
  req.on('end', () => res.end(String(bytes)));
}

const server = http.createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (req, res) => {
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://backend');
  if (pathname.endsWith('/download')) download(res, Number(searchParams.get('bytes')));
  else if (pathname.endsWith('/upload')) upload(req, res);
  else res.writeHead(200, { 'content-type': 'text/plain', 'content-length': SMALL.length }).end(SMALL);
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('error', () => socket.terminate());
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port, headers: {} })}\n`);
});
