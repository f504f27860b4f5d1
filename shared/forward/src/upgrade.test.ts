import { describe, expect, it } from '@jest/globals';
import http from 'node:http';
import net from 'node:net';
import { useForwarder } from '../test/fixture.ts';
import { canned, listen, rawServer, talk, until, type Listening } from '../test/servers.ts';
import { ForwardError } from './errors.ts';

const test = useForwarder();
const { before } = test;

const ACCEPT = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';

function upgradeRequest(more = '', path = '/ws'): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n${more}\r\n`;
}

/** Accepts every upgrade and sends back what it gets. */
function echoServer(greeting = ''): Promise<Listening> {
  return rawServer((socket, first) => {
    socket.write(`${ACCEPT}\r\n${greeting}`);
    const early = first.split('\r\n\r\n')[1];
    if (early) socket.write(early);
    socket.pipe(socket);
  });
}

interface Client {
  socket: net.Socket;
  received: string;
  /** The other side has ended or reset the connection. */
  over: boolean;
}

function connect(port: number, text = upgradeRequest()): Client {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(text, 'latin1'));
  const client: Client = { socket, received: '', over: false };
  socket.on('data', (data: Buffer) => (client.received += data.toString('latin1')));
  socket.on('error', () => (client.over = true));
  socket.on('end', () => (client.over = true));
  return client;
}

async function opened(port: number, text?: string): Promise<Client> {
  const client = connect(port, text);
  await until(() => client.received.includes('\r\n\r\n'));
  return client;
}

/** Resolves when a figure that has grown does not grow any more. */
async function standstill(figure: () => number): Promise<void> {
  for (let last = -1; figure() > last;) {
    last = figure();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

describe('an upgrade', () => {
  it('passes on path, headers and subprotocol, and relays the answer', async () => {
    let request = '';
    const front = await before(
      rawServer((socket, first) => {
        request = first;
        socket.write(`${ACCEPT}Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: v1\r\nSet-Cookie: hub=1\r\n\r\n`);
      }),
      {
        path: '/inner?a=1',
        setHeaders: { 'x-davit-secret': 's', cookie: undefined },
        filterResponse: (status, headers) => ({ ...headers, 'set-cookie': undefined, 'x-status': String(status) }),
      },
    );
    const headers = 'Sec-WebSocket-Key: k\r\nSec-WebSocket-Protocol: v1, v2\r\nCookie: hub=1\r\nOrigin: http://a\r\n';
    const client = await opened(front.port, upgradeRequest(headers));
    expect(request).toMatch(/^GET \/inner\?a=1 HTTP\/1\.1\r\n/);
    const sent = request.toLowerCase();
    for (const line of ['host: a', 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-protocol: v1, v2']) {
      expect(sent).toContain(`${line}\r\n`);
    }
    expect(sent).toContain('x-davit-secret: s\r\n');
    expect(sent).not.toContain('cookie');
    expect(client.received).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(client.received).toContain('sec-websocket-protocol: v1\r\n');
    expect(client.received).toContain('x-status: 101\r\n');
    expect(client.received).not.toContain('set-cookie');
    client.socket.destroy();
  });

  it('echoes, counts and shows the data of both directions', async () => {
    const bytes = { up: 0, down: 0 };
    const seen: string[] = [];
    const front = await before(echoServer(), {
      onActivity: (direction, count) => (bytes[direction] += count),
      onTunnelData: (direction, chunk) => seen.push(`${direction} ${chunk.toString()}`),
    });
    const client = await opened(front.port);
    client.socket.write('hello');
    await until(() => client.received.endsWith('hello'));
    expect(bytes).toEqual({ up: 5, down: 5 });
    expect(seen).toEqual(['up hello', 'down hello']);
    expect(test.forwarder.usage.tunnels).toBe(1);
    client.socket.end();
    await until(() => client.over && test.forwarder.usage.tunnels === 0);
    expect(await front.nextResult()).toEqual({ ok: true });
  });

  it('passes on what follows the heads in the same packet, both ways', async () => {
    const front = await before(echoServer('greeting'));
    const client = await opened(front.port, `${upgradeRequest()}early`);
    await until(() => client.received.endsWith('greetingearly'));
    client.socket.destroy();
  });

  it('keeps order and every byte of a large stream', async () => {
    const front = await before(echoServer());
    const client = await opened(front.port);
    const head = client.received.length;
    const text = Array.from({ length: 200_000 }, (_, index) => `${index};`).join('');
    client.socket.write(text);
    await until(() => client.received.length - head >= text.length);
    expect(client.received.slice(head)).toBe(text);
    client.socket.destroy();
  });

  it('keeps the bytes of each tunnel apart while clients do not read', async () => {
    const senders: net.Socket[] = [];
    const front = await before(
      rawServer((socket) => {
        const text = String(senders.push(socket)).repeat(12_000_000);
        socket.write(`${ACCEPT}\r\n`);
        socket.once('data', () => socket.end(text));
      }),
    );
    const clients: Client[] = [];
    for (let count = 0; count < 4; count += 1) clients.push(await opened(front.port));
    for (const { socket } of clients) socket.pause().write('go');
    await standstill(() =>
      senders.reduce((sum, { bytesWritten, writableLength }) => sum + bytesWritten - writableLength, 0),
    );
    for (const { socket } of clients) socket.resume();
    await until(() => clients.every((client) => client.over));
    const bodies = clients.map((client) => client.received.split('\r\n\r\n')[1]);
    expect(bodies.map((body) => [...new Set(body)])).toEqual([['1'], ['2'], ['3'], ['4']]);
    expect(bodies.map((body) => body?.length)).toEqual(clients.map(() => 12_000_000));
    for (const { socket } of clients) socket.destroy();
  });

  it('slows the sender down when the receiver does not read', async () => {
    const front = await before(
      rawServer((socket) => {
        socket.write(`${ACCEPT}\r\n`);
        socket.pause();
      }),
    );
    const client = await opened(front.port);
    const block = Buffer.alloc(1024 * 1024);
    let accepted = 0;
    const more = (): void => {
      while (accepted < 100 && client.socket.write(block)) accepted += 1;
    };
    client.socket.on('drain', more);
    more();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(accepted).toBeLessThan(30);
    client.socket.destroy();
  });
});

describe('the end of a tunnel', () => {
  it('by the client half-closes: the target may still finish', async () => {
    const backend = listen(
      net.createServer({ allowHalfOpen: true }, (socket) => {
        socket.once('data', () => {
          socket.write(`${ACCEPT}\r\n`);
          socket.on('data', () => undefined);
          socket.on('end', () => setTimeout(() => socket.end('late answer'), 50));
        });
      }),
    );
    const front = await before(backend);
    const client = await opened(front.port);
    client.socket.end('question');
    await until(() => client.over);
    expect(client.received.endsWith('late answer')).toBe(true);
    expect(await front.nextResult()).toEqual({ ok: true });
  });

  it('by the target half-closes: it still gets the rest', async () => {
    let got = '';
    const backend = listen(
      net.createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => {
          socket.end(`${ACCEPT}\r\nbye`);
          socket.on('data', (data: Buffer) => (got += data.toString()));
        });
      }),
    );
    const front = await before(backend);
    const client = await opened(front.port);
    await until(() => client.received.endsWith('bye'));
    client.socket.end('the rest');
    await until(() => client.over && got === 'the rest');
    expect(await front.nextResult()).toEqual({ ok: true });
  });

  it('by a reset of the client ends the target', async () => {
    const front = await before(echoServer());
    const client = await opened(front.port);
    client.socket.resetAndDestroy();
    await until(() => test.open[0]?.sockets.size === 0 && front.sockets.size === 0);
    await front.nextResult();
  });

  it('by a reset of the target ends the client', async () => {
    const front = await before(echoServer());
    const client = await opened(front.port);
    for (const socket of test.open[0]?.sockets ?? []) socket.resetAndDestroy();
    await until(() => client.over && front.sockets.size === 0);
    await front.nextResult();
  });

  it('by dispose ends both', async () => {
    const front = await before(echoServer());
    const client = await opened(front.port);
    await test.forwarder.dispose();
    await until(() => client.over && test.open[0]?.sockets.size === 0);
    expect(await front.nextResult()).toMatchObject({ ok: false, headersSent: true, error: { code: 'disposed' } });
    expect(await talk(front.port, upgradeRequest())).toContain('x-error: disposed');
  });

  it('by 1,000 resets, before, during and after the answer, leaves nothing behind', async () => {
    const front = await before(echoServer());
    for (let round = 0; round < 20; round += 1) {
      const clients = Array.from({ length: 50 }, () => connect(front.port));
      await new Promise((resolve) => setTimeout(resolve, round));
      for (const client of clients) client.socket.resetAndDestroy();
    }
    await until(
      () => front.sockets.size === 0 && test.open[0]?.sockets.size === 0 && test.forwarder.usage.tunnels === 0,
    );
    const client = await opened(front.port);
    client.socket.destroy();
  });
});

describe('an upgrade that is not granted', () => {
  it.each([
    ['with a length', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\nX-A: b\r\n\r\nnope'],
    ['in chunks', 'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n4\r\nnope\r\n0\r\n\r\n'],
    ['until the end', 'HTTP/1.1 403 Forbidden\r\nX-A: b\r\n\r\nnope'],
  ])('is relayed and closed: %s', async (_name, answer) => {
    const front = await before(canned(answer));
    const received = await talk(front.port, upgradeRequest());
    expect(received).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(received).toContain('x-a: b\r\n');
    expect(received).toContain('connection: close\r\n');
    expect(received).not.toContain('transfer-encoding');
    expect(received.endsWith('\r\n\r\nnope')).toBe(true);
    expect(await front.nextResult()).toEqual({ ok: true });
    await until(() => front.sockets.size === 0);
  });

  it('cannot be used as a tunnel afterwards', async () => {
    let requests = 0;
    const backend = listen(
      http.createServer((_req, res) => {
        requests += 1;
        res.writeHead(200).end('plain');
      }),
    );
    const front = await before(backend);
    await talk(front.port, `${upgradeRequest()}GET /secret HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(requests).toBe(1);
  });

  it.each([
    ['NUL in a header', `${ACCEPT}X-A: a\0b\r\n\r\n`, 'bad-response'],
    ['a control character in a header', `${ACCEPT}X-A: a\u0001b\r\n\r\n`, 'bad-response'],
    ['no HTTP at all', 'hello\r\n\r\n', 'bad-response'],
    ['nothing', '', 'reset'],
  ])('because the target sends %s', async (_name, answer, code) => {
    const front = await before(canned(answer));
    expect(await talk(front.port, upgradeRequest())).toContain(`x-error: ${code}\r\n`);
    await until(() => front.sockets.size === 0 && test.open[0]?.sockets.size === 0);
  });

  it('because the filter refuses it', async () => {
    const filterResponse = (): never => {
      throw new ForwardError('timeout', 'Not this one.');
    };
    const front = await before(echoServer(), { filterResponse });
    expect(await talk(front.port, upgradeRequest())).toMatch(/^HTTP\/1\.1 504 .*\r\nx-error: timeout/);
    await until(() => test.open[0]?.sockets.size === 0);
  });

  it('because nothing listens', async () => {
    const gone = await canned('');
    await gone.close();
    const front = await before(Promise.resolve(gone));
    expect(await talk(front.port, upgradeRequest())).toMatch(/^HTTP\/1\.1 502 .*\r\nx-error: refused/);
  });

  it('because the target does not answer in time', async () => {
    await test.withOptions({ headersTimeoutMs: 100 });
    const front = await before(rawServer(() => undefined));
    expect(await talk(front.port, upgradeRequest())).toMatch(/^HTTP\/1\.1 504 .*\r\nx-error: timeout/);
    await until(() => test.open[0]?.sockets.size === 0);
  });

  it.each([
    ['a body with a length', upgradeRequest('Content-Length: 4\r\n') + 'body'],
    ['a body in chunks', upgradeRequest('Transfer-Encoding: chunked\r\n') + '0\r\n\r\n'],
    ['two hosts', upgradeRequest('Host: b\r\n')],
    ['HTTP/2', upgradeRequest().replace('websocket', 'h2c')],
    ['a method other than GET', upgradeRequest().replace('GET', 'POST')],
    ['absolute form', upgradeRequest('', 'http://evil/')],
  ])('because it asks with %s', async (_name, request) => {
    const front = await before(echoServer());
    expect(await talk(front.port, request)).toMatch(/^HTTP\/1\.1 400 /);
    expect(test.open[0]?.sockets.size).toBe(0);
  });

  it('because the client left while the caller still made up its mind', async () => {
    const backend = await echoServer();
    const results: unknown[] = [];
    const server = http.createServer();
    server.on('upgrade', (req, socket, head) => {
      socket.on('error', () => undefined);
      setTimeout(() => void test.forwarder.upgrade(req, socket, head, backend.target).then((r) => results.push(r)), 50);
    });
    const front = await listen(server);
    test.open.push(backend, front);
    const client = connect(front.port);
    await until(() => front.sockets.size === 1);
    client.socket.resetAndDestroy();
    await until(() => results.length === 1);
    expect(results[0]).toMatchObject({ ok: false, headersSent: false, error: { code: 'client-gone' } });
  });
});
