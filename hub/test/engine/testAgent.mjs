import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

/*
 * First process of the small image that driver tests run: answers on the agent's port with the server's secret, and ends
 * on request by an exit code or by using up its memory.
 */
const hog = [];

const server = createServer(async (request, response) => {
  const secret = (await readFile('/run/davit/secret', 'utf8').catch(() => '')).trim();
  if (secret === '' || request.headers['x-davit-secret'] !== secret) return response.writeHead(403).end();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://agent');
  if (pathname === '/exit') process.exit(Number(searchParams.get('code')));
  if (pathname === '/print') console.log(searchParams.get('line'));
  if (pathname === '/allocate') for (;;) hog.push(Buffer.alloc(16_000_000, 1));
  response.end('test agent');
});

let stubborn = false;
process.on('SIGUSR2', () => (stubborn = true));
process.on('SIGTERM', () => stubborn || process.exit(0));
server.listen(7070, '0.0.0.0', () => console.log('test agent listens'));
