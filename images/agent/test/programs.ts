/** Programs that stand for editors. Each is the text of a Node script; `process.argv[1]` is the first argument. */

/** Listens on the port and says what it was asked, and by which headers. */
export const ECHO = `
  const http = require('node:http');
  const server = http.createServer((req, res) => {
    if (req.url.endsWith('/crash')) process.exit(7);
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ url: req.url, headers: req.headers, pid: process.pid, env: process.env }));
  });
  server.on('upgrade', (req, socket) => {
    const protocol = req.headers['sec-websocket-protocol'];
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n' +
      (protocol ? 'Sec-WebSocket-Protocol: ' + protocol + '\\r\\n' : '') + '\\r\\n');
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(+process.argv[1], '127.0.0.1');
`;

/** Like ECHO, but its page is an error during the first second. */
export const SLOW = `
  const began = Date.now();
  require('node:http').createServer((req, res) => {
    res.writeHead(Date.now() - began < 1000 ? 503 : 404).end();
  }).listen(+process.argv[1], '127.0.0.1');
`;

/** Ends at once. */
export const BROKEN = 'process.exit(3)';

/** Takes no notice of SIGTERM, and starts a child that does not either; says both process ids in a file. */
export const STUBBORN = `
  const { spawn } = require('node:child_process');
  const { writeFileSync } = require('node:fs');
  process.on('SIGTERM', () => {});
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']);
  require('node:http').createServer((req, res) => res.end()).listen(+process.argv[1], '127.0.0.1');
  writeFileSync(process.argv[2], JSON.stringify([process.pid, child.pid]));
`;

/** The command line of a script. */
export function script(text: string, ...args: string[]): string[] {
  return [process.execPath, '-e', text, ...args];
}
