import http from 'node:http';
import { hash, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Forwarder, type ForwardOptions } from '@davit/forward';

/**
 * A proxy on the forwarding package, used as the hub uses it: a credential is looked up for each request, headers are
 * set, answers are filtered. Takes the port of the backend; prints its own.
 */
const CREDENTIAL = hash('sha256', 'bench', 'buffer');
const target = { host: '127.0.0.1', port: Number(process.argv[2]) };
const forwarder = new Forwarder();

function isAuthorised(req: http.IncomingMessage): boolean {
  const given = /(?:^|; )session=([^;]*)/.exec(req.headers.cookie ?? '')?.[1];
  return given !== undefined && timingSafeEqual(hash('sha256', given, 'buffer'), CREDENTIAL);
}

function optionsFor(req: http.IncomingMessage): ForwardOptions {
  return {
    setHeaders: {
      cookie: undefined,
      'x-davit-secret': 'secret-of-the-server',
      'x-forwarded-for': req.socket.remoteAddress,
      'x-forwarded-host': req.headers.host,
      'x-forwarded-proto': 'http',
    },
    filterResponse: (_status, headers) => headers,
  };
}

const server = http.createServer({ requestTimeout: 0 }, (req, res) => {
  if (!isAuthorised(req)) {
    res.writeHead(403).end();
    return;
  }
  void forwarder.http(req, res, target, optionsFor(req)).then((result) => {
    if (!result.ok && !result.headersSent) res.writeHead(result.error.status).end(result.error.message);
  });
});
server.on('upgrade', (req, socket, head) => {
  socket.on('error', () => socket.destroy());
  if (isAuthorised(req))
    void forwarder.upgrade(req, socket, head, target, optionsFor(req)).then(() => socket.destroy());
  else socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
