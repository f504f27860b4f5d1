import net from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  addServer,
  ADAS_SERVER,
  eventually,
  handshake,
  listen,
  send,
  sendRaw,
  startContainer,
  startTestProxy,
  type Container,
  type TestProxy,
} from '../../test/proxyFixture.ts';

let test: TestProxy;
let container: Container;
let host: string;
let origin: string;
let cookie: string;

beforeAll(async () => {
  test = await startTestProxy();
});
afterAll(() => test.close());

beforeEach(async () => {
  container = await startContainer();
  cookie = addServer(test, { port: container.port });
  host = test.host(ADAS_SERVER);
  origin = `http://${host}`;
});
afterEach(async () => {
  test.beforeVerify(() => Promise.resolve());
  await container.close();
});

/** A container that answers each connection with these bytes, or resets it. */
async function crudeContainer(bytes: string | undefined): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => (bytes === undefined ? socket.resetAndDestroy() : socket.end(bytes, 'latin1')));
  });
  cookie = addServer(test, { port: await listen(server) });
  return server;
}

describe('clients that vanish', () => {
  it('1,000 times during the authorisation of an upgrade harm nobody', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let asked = 0;
    test.beforeVerify(() => {
      asked += 1;
      return gate;
    });
    const text = handshake(host, '/ws', [`Origin: ${origin}`, `Cookie: ${cookie}`]);
    let upgrades = 0;
    const count = (): void => void (upgrades += 1);
    test.server.on('upgrade', count);
    for (let round = 0; round < 10; round += 1) {
      const sockets = Array.from({ length: 100 }, () => net.connect(test.port, '127.0.0.1'));
      for (const socket of sockets) {
        socket.on('error', () => undefined);
        socket.write(text);
      }
      await eventually(() => upgrades === (round + 1) * 100);
      for (const socket of sockets) socket.resetAndDestroy();
    }
    test.server.off('upgrade', count);
    expect(asked).toBe(1);
    release();
    await eventually(() => test.proxy.liveConnections === 0);
    await eventually(() => test.forwarder.usage.tunnels === 0);
    await eventually(() => container.sockets.size === 0);
    let open = -1;
    await eventually(() => {
      test.server.getConnections((_error, count) => (open = count));
      return open === 0;
    });
    expect((await send(test.port, '/port/1/', { host, cookie })).status).toBe(200);
  });

  it('in the middle of an answer free its connection', async () => {
    container.answer = (_req, res) => void res.write('x'.repeat(1000));
    const socket = net.connect(test.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET /port/1/ HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    expect(test.proxy.liveConnections).toBe(1);
    socket.resetAndDestroy();
    await eventually(() => test.proxy.liveConnections === 0);
    await eventually(() => container.sockets.size === 0);
  });
});

describe('containers that misbehave', () => {
  it('by refusing: 502 for programs, a page that tries again for people', async () => {
    const server = await crudeContainer('');
    await new Promise((resolve) => server.close(resolve));
    const program = await send(test.port, '/port/1/', { host, cookie });
    expect(program).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
    const page = await send(test.port, '/jupyterlab/', { host, cookie, accept: 'text/html' });
    expect(page.status).toBe(502);
    expect(page.body).toContain('does not answer');
    expect(page.body).toContain('data-retry="1"');
    const upgrade = await sendRaw(test.port, handshake(host, '/ws', [`Origin: ${origin}`, `Cookie: ${cookie}`]));
    expect(upgrade).toMatch(/^HTTP\/1\.1 502 /);
  });

  it.each<[string, string | undefined]>([
    ['resetting', undefined],
    ['saying nothing', ''],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\nok'],
    ['a CR in a header', 'HTTP/1.1 200 OK\r\nX-A: a\rX-B: b\r\nContent-Length: 2\r\n\r\nok'],
    ['a length beside chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9\r\n'],
  ])('by %s: 502 by HTTP and by WebSocket', async (_what, bytes) => {
    const server = await crudeContainer(bytes);
    expect((await send(test.port, '/port/1/', { host, cookie })).status).toBe(502);
    const upgrade = await sendRaw(test.port, handshake(host, '/ws', [`Origin: ${origin}`, `Cookie: ${cookie}`]));
    expect(upgrade).toMatch(/^HTTP\/1\.1 502 /);
    expect(test.proxy.liveConnections).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it('by setting a cookie of the hub in the answer to an upgrade', async () => {
    const server = await crudeContainer(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Set-Cookie: __Host-davit-inst=evil; Path=/; Secure\r\nSet-Cookie: a=1\r\n\r\n',
    );
    const answer = await sendRaw(test.port, handshake(host, '/ws', [`Origin: ${origin}`, `Cookie: ${cookie}`]));
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).toContain('set-cookie: a=1');
    expect(answer).not.toContain('evil');
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a database that does not answer', () => {
  it('gives 503 and leaves who is known already alone', async () => {
    expect((await send(test.port, '/port/1/', { host, cookie })).status).toBe(200);
    test.beforeVerify(() => Promise.reject(new Error('the database is away')));
    expect((await send(test.port, '/port/1/', { host, cookie })).status).toBe(200);
    const unknown = addServer(test, { port: container.port });
    const answer = await send(test.port, '/port/1/', { host, cookie: unknown });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    const upgrade = await sendRaw(test.port, handshake(host, '/ws', [`Origin: ${origin}`, `Cookie: ${unknown}`]));
    expect(upgrade).toMatch(/^HTTP\/1\.1 503 /);
  });
});

describe('dispose', () => {
  it('closes WebSockets and ends', async () => {
    const own = await startTestProxy();
    const ownCookie = addServer(own, { port: container.port });
    const socket = net.connect(own.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const lines = [`Origin: http://${own.host(ADAS_SERVER)}`, `Cookie: ${ownCookie}`];
    socket.write(handshake(own.host(ADAS_SERVER), '/ws', lines));
    await new Promise((resolve) => socket.once('data', resolve));
    await own.close();
    await closed;
    expect(own.proxy.liveConnections).toBe(0);
  });
});
