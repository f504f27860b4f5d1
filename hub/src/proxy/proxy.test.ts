import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ADA,
  addServer,
  ADAS_SERVER,
  BOB,
  BOBS_SERVER,
  eventually,
  handshake,
  send,
  sendRaw,
  startContainer,
  startTestProxy,
  type Container,
  type TestProxy,
} from '../../test/proxyFixture.ts';
import type { Actor } from '../platform/auth.ts';

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

let test: TestProxy;
let container: Container;
let cookie: string;
let host: string;
let origin: string;

beforeAll(async () => {
  test = await startTestProxy();
});
afterAll(() => test.close());

beforeEach(async () => {
  container = await startContainer();
  cookie = addServer(test, { port: container.port });
  host = test.host(ADAS_SERVER);
  origin = `http://${host}`;
  test.ended.clear();
  test.tokens.clear();
});
afterEach(() => container.close());

function actor(userId: string, scopes: Actor['scopes'] = new Set(['servers'])): Actor {
  return { userId, name: userId, role: 'user', scopes, via: { kind: 'token', id: `token-of-${userId}` } };
}

describe('the proxy', () => {
  it('leaves the hub to its caller, and probes by address as well', async () => {
    expect((await send(test.port, '/api/v1/me', { host: `localhost:${test.port}` })).body).toBe('from the hub');
    expect((await send(test.port, '/healthz', { host: '10.0.0.1' })).body).toBe('from the hub');
    const registry = '/registry/token?service=davit-registry';
    expect((await send(test.port, registry, { host: '10.0.0.1' })).body).toBe('from the hub');
    expect((await send(test.port, '/registry/tokens', { host: '10.0.0.1' })).status).toBe(421);
    const answer = await sendRaw(test.port, handshake(`localhost:${test.port}`, '/api/socket.io/'));
    expect(answer).toContain('x-from: hub');
  });

  it('passes a request and its answer, byte for byte in its path', async () => {
    container.answer = (req, res) => {
      res.writeHead(201, { 'x-app': 'yes', 'set-cookie': ['a=1', 'b=2'] });
      req.pipe(res);
    };
    const path = '/jupyterlab/api/contents/a%20b%2Fc?x=%2e%2e%2f&y=a+b';
    const answer = await send(test.port, path, { host, cookie, origin }, { method: 'POST', body: 'hello' });
    expect(answer).toMatchObject({
      status: 201,
      body: 'hello',
      headers: { 'x-app': 'yes', 'set-cookie': ['a=1', 'b=2'] },
    });
    expect(container.requests[0]?.url).toBe(path);
  });

  it('tells the container what is known of the client and nothing that only the hub may know', async () => {
    await send(test.port, '/port/3000/', {
      host,
      origin,
      cookie: `_xsrf=1; ${cookie}; __Host-davit-inst=hub; davit-s-x-inst=y; theme=dark`,
      authorization: 'Basic dXNlcjpwYXNz',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '1',
      'x-forwarded-prefix': '/evil',
      'x-real-ip': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
      'x-davit-secret': 'guess',
      'x-davit-user': 'admin',
    });
    const { headers } = container.requests[0]!;
    expect(headers).toMatchObject({
      host,
      origin,
      cookie: '_xsrf=1; theme=dark',
      authorization: 'Basic dXNlcjpwYXNz',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': host,
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(test.port),
      'x-davit-secret': 'agent-secret',
    });
    for (const name of ['forwarded', 'x-real-ip', 'x-forwarded-prefix', 'x-davit-user']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('takes from answers what reaches beyond the server', async () => {
    container.answer = (_req, res) => {
      res.writeHead(200, {
        'set-cookie': ['__Host-davit-inst=evil; Path=/; Secure', 'a=1; Domain=localhost; Path=/', 'davit-x=1'],
        'clear-site-data': '"*"',
        'service-worker-allowed': '/',
        'x-davit-secret': 'echo',
      });
      res.end('ok');
    };
    const { headers } = await send(test.port, '/code-server/', { host, cookie });
    expect(headers['set-cookie']).toEqual(['a=1; Path=/']);
    expect(headers).not.toHaveProperty('clear-site-data');
    expect(headers).not.toHaveProperty('x-davit-secret');
    expect(headers['service-worker-allowed']).toBe('/');
  });

  it('carries a WebSocket both ways', async () => {
    const answer = await sendRaw(
      test.port,
      `${handshake(host, '/jupyterlab/ws', [`Origin: ${origin}`, `Cookie: ${cookie}; k=v`])}hello`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer.endsWith('hello')).toBe(true);
    expect(container.requests[0]?.headers).toMatchObject({
      host,
      origin,
      cookie: 'k=v',
      'x-davit-secret': 'agent-secret',
    });
  });

  it('lets the owner in with a token, without Origin, and keeps the token to itself', async () => {
    test.tokens.set('davit_ada', actor(ADA));
    const authorization = 'Bearer davit_ada';
    expect((await send(test.port, '/port/1/', { host, authorization }, { method: 'POST' })).status).toBe(200);
    const lines = [`Authorization: ${authorization}`, 'Origin: http://elsewhere.example'];
    expect(await sendRaw(test.port, handshake(host, '/ws', lines))).toMatch(/^HTTP\/1\.1 101 /);
    for (const { headers } of container.requests) expect(headers).not.toHaveProperty('authorization');
  });

  it('opens the first editor at the root', async () => {
    const answer = await send(test.port, '/', { host, cookie });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/jupyterlab/' } });
  });

  it('says which versions it speaks, to the owner only', async () => {
    const info = await send(test.port, '/api/davit/v1/info', { host, cookie });
    expect(JSON.parse(info.body)).toEqual({
      api: 1,
      version: '1.2.3',
      hubUrl: `http://localhost:${test.port}`,
      user: { id: ADA, name: `name of ${ADA}` },
      server: { id: ADAS_SERVER, name: `server of ${ADA}`, phase: 'running' },
    });
    expect((await send(test.port, '/api/davit/v1/info', { host })).status).toBe(401);
    expect((await send(test.port, '/api/davit/v1/other', { host, cookie })).status).toBe(404);
    expect((await send(test.port, '/api/davit', { host, cookie })).status).toBe(404);
    expect(
      await sendRaw(test.port, handshake(host, '/api/davit/other', [`Origin: ${origin}`, `Cookie: ${cookie}`])),
    ).toMatch(/^HTTP\/1\.1 404 /);
    expect(container.bytes()).toBe(0);
  });

  it('sends a tab that is not signed in to the hub, a frame and a program not', async () => {
    const path = '/jupyterlab/lab?x=1';
    const tab = await send(test.port, path, { host, ...PAGE });
    expect(tab.status).toBe(302);
    expect(tab.headers.location).toBe(
      `http://localhost:${test.port}/open/${ADAS_SERVER}?path=${encodeURIComponent(path)}`,
    );
    const frame = await send(test.port, path, { host, ...PAGE, 'sec-fetch-dest': 'iframe' });
    expect(frame).toMatchObject({ status: 401, headers: { 'content-type': 'text/html; charset=utf-8' } });
    const program = await send(test.port, path, { host, accept: '*/*' });
    expect(program).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(program.body)).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  it.each<[string, string, Record<string, string>]>([
    ['POST', 'its own page', { 'sec-fetch-site': 'same-origin' }],
    ['POST', 'its own page without referrer', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['POST', 'a program', {}],
    ['GET', 'a link elsewhere', { 'sec-fetch-site': 'cross-site', ...PAGE }],
    ['GET', 'the address bar', { 'sec-fetch-site': 'none', ...PAGE }],
  ])('takes %s from %s with the owner’s cookie', async (method, _what, headers) => {
    expect((await send(test.port, '/port/3000/', { host, cookie, ...headers }, { method })).status).toBe(200);
  });
});

describe('nobody else', () => {
  const id = () => test.host(ADAS_SERVER);

  it.each<[string, number, (bobsCookie: string) => Record<string, string>]>([
    ['nothing', 401, () => ({})],
    ['the cookie of another server', 401, (bobs) => ({ cookie: bobs })],
    ['an invented cookie', 401, () => ({ cookie: '__Host-davit-s-inst=invented' })],
    ['an empty cookie', 401, () => ({ cookie: '__Host-davit-s-inst=' })],
    ['a token of somebody else', 403, () => ({ authorization: 'Bearer davit_bob' })],
    ['a token without the scope', 403, () => ({ authorization: 'Bearer davit_reader' })],
    ['an invented token', 401, () => ({ authorization: 'Bearer davit_invented' })],
    ['an invented token beside a good cookie', 401, () => ({ authorization: 'Bearer davit_invented', cookie })],
    ['the agent’s secret', 401, () => ({ 'x-davit-secret': 'agent-secret' })],
  ])('enters with %s: %i, by HTTP and by WebSocket', async (_what, status, headersOf) => {
    const bobsCookie = addServer(test, { serverId: BOBS_SERVER, ownerId: BOB, port: container.port });
    test.tokens.set('davit_bob', actor(BOB));
    test.tokens.set('davit_reader', actor(ADA, new Set(['read'])));
    const headers = headersOf(bobsCookie);
    expect((await send(test.port, '/jupyterlab/api', { host: id(), ...headers })).status).toBe(status);
    const lines = Object.entries({ origin, ...headers }).map(([name, value]) => `${name}: ${value}`);
    expect(await sendRaw(test.port, handshake(id(), '/jupyterlab/ws', lines))).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} `),
    );
    expect(container.bytes()).toBe(0);
    expect(container.sockets.size).toBe(0);
  });

  it('enters with a good cookie once the server has changed hands', async () => {
    test.targets.change(ADAS_SERVER, { ownerId: BOB });
    expect((await send(test.port, '/jupyterlab/', { host, cookie })).status).toBe(403);
    test.targets.set(ADAS_SERVER, undefined);
    expect((await send(test.port, '/jupyterlab/', { host, cookie })).status).toBe(404);
    expect(container.bytes()).toBe(0);
  });

  it.each([
    ['no Origin', []],
    ['a foreign Origin', ['Origin: http://evil.example']],
    ['the hub’s Origin', [`Origin: http://localhost`]],
    ['a sibling’s Origin', [`Origin: http://s-${BOBS_SERVER}.localhost`]],
    ['the Origin null', ['Origin: null']],
  ])('opens a WebSocket with %s', async (_what, lines) => {
    const answer = await sendRaw(test.port, handshake(host, '/jupyterlab/ws', [`Cookie: ${cookie}`, ...lines]));
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer).toContain('"code":"forbidden"');
    expect(container.bytes()).toBe(0);
  });

  it.each<[string, string, Record<string, string>]>([
    ['POST', 'a foreign Origin', { origin: 'http://evil.example' }],
    ['POST', 'the Origin null', { origin: 'null' }],
    ['DELETE', 'a sibling', { 'sec-fetch-site': 'same-site' }],
    ['PUT', 'another site', { 'sec-fetch-site': 'cross-site' }],
    ['POST', 'another site under our name', { origin: 'own', 'sec-fetch-site': 'cross-site' }],
    ['GET', 'a script of a sibling', { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'script' }],
    [
      'GET',
      'a frame of a sibling',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
  ])('sends %s from %s with the owner’s cookie', async (method, _what, headers) => {
    const sent = { ...headers, ...(headers['origin'] === 'own' ? { origin } : {}) };
    expect((await send(test.port, '/jupyterlab/api', { host, cookie, ...sent }, { method })).status).toBe(403);
    expect(container.bytes()).toBe(0);
  });
});

describe('tricks with requests', () => {
  const line = (request: string, ...headers: string[]) =>
    [request, `Host: ${host}`, `Cookie: ${cookie}`, 'Connection: close', ...headers, '', ''].join('\r\n');

  it.each<[string, string, () => string]>([
    ['two slashes', '400', () => line('GET //x@x HTTP/1.1')],
    ['a broken escape', '400', () => line('GET /%E0%A4%A HTTP/1.1')],
    ['a hidden slash', '400', () => line('GET /jupyterlab/..%2f..%2fetc/passwd HTTP/1.1')],
    ['dots', '400', () => line('GET /jupyterlab/../__davit/status HTTP/1.1')],
    ['a backslash', '400', () => line('GET /\\evil.example/ HTTP/1.1')],
    ['an encoded NUL', '400', () => line('GET /jupyterlab/%00 HTTP/1.1')],
    ['the agent’s own path', '404', () => line('GET /__davit/status HTTP/1.1')],
    ['the agent’s own path, encoded', '404', () => line('GET /%5f%5fdavit/status HTTP/1.1')],
    ['the agent’s own path, encoded twice', '404', () => line('GET /%255f%255fdavit/status HTTP/1.1')],
    ['two Hosts', '400', () => line('GET /jupyterlab/ HTTP/1.1', 'Host: evil.example')],
    ['the same Host twice', '400', () => line('GET /jupyterlab/ HTTP/1.1', `Host: ${host}`)],
    ['the absolute form', '400', () => line(`GET http://${host}/jupyterlab/ HTTP/1.1`)],
    ['the absolute form of elsewhere', '400', () => line('GET http://evil.example/ HTTP/1.1')],
    ['an asterisk', '400', () => line('OPTIONS * HTTP/1.1')],
    ['TRACE', '400', () => line('TRACE /jupyterlab/ HTTP/1.1')],
    ['17 KB of headers', '431', () => line('GET /jupyterlab/ HTTP/1.1', `X-Long: ${'a'.repeat(17 * 1024)}`)],
    ['a NUL in a header', '400', () => line('GET /jupyterlab/ HTTP/1.1', 'X-A: a\0b')],
    ['a bare CR', '400', () => line('GET /jupyterlab/ HTTP/1.1', 'X-A: a\rX-B: b')],
    ['a space before the colon', '400', () => line('GET /jupyterlab/ HTTP/1.1', 'X-A : a')],
    ['a folded header', '400', () => line('GET /jupyterlab/ HTTP/1.1', 'X-A: a', ' b')],
    [
      'a length beside chunks',
      '400',
      () => line('POST / HTTP/1.1', 'Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
    ],
    [
      'two lengths',
      '400',
      () => line('POST /jupyterlab/ HTTP/1.1', 'Content-Length: 5', 'Content-Length: 6') + 'hello',
    ],
    [
      'another coding',
      '400',
      () => line('POST /jupyterlab/ HTTP/1.1', 'Transfer-Encoding: chunked, identity') + '0\r\n\r\n',
    ],
    ['no Host', '400', () => 'GET /jupyterlab/ HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['no Host in HTTP/1.0', '421', () => `GET /jupyterlab/ HTTP/1.0\r\nCookie: ${cookie}\r\n\r\n`],
    [
      'a foreign Host',
      '421',
      () => `GET / HTTP/1.1\r\nHost: evil.example\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
    ],
    ['the address as Host', '421', () => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${test.port}\r\nConnection: close\r\n\r\n`],
    ['an upgrade of a foreign Host', '421', () => handshake('evil.example', '/', [`Cookie: ${cookie}`])],
    [
      'an upgrade of the agent’s path',
      '404',
      () => handshake(host, '/__davit/x', [`Cookie: ${cookie}`, `Origin: ${origin}`]),
    ],
    [
      'an upgrade with a broken path',
      '400',
      () => handshake(host, '/..%2f', [`Cookie: ${cookie}`, `Origin: ${origin}`]),
    ],
  ])('%s: %s', async (_what, status, bytes) => {
    const answer = await sendRaw(test.port, bytes());
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(container.bytes()).toBe(0);
    expect(container.sockets.size).toBe(0);
  });

  it('CONNECT gets no tunnel', async () => {
    const answer = await sendRaw(
      test.port,
      `CONNECT 127.0.0.1:${container.port} HTTP/1.1\r\nHost: ${host}\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    );
    expect(answer).not.toMatch(/ 200 /);
    expect(container.bytes()).toBe(0);
  });

  it('an offer of HTTP/2 is not passed on, and the request gets its ordinary answer', async () => {
    const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'];
    const answer = await sendRaw(test.port, line('GET /port/1/ HTTP/1.1', ...offer));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(container.requests[0]?.headers).not.toHaveProperty('upgrade');
    expect(container.requests[0]?.headers).not.toHaveProperty('http2-settings');
  });

  it('passes a second request on the same connection only after its own authorisation', async () => {
    const first = `GET /port/1/ HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`;
    const second = `GET /port/2/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const answer = await sendRaw(test.port, first + second);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401']);
    expect(container.requests.map(({ url }) => url)).toEqual(['/port/1/']);
  });

  it('answers a large refused upload without taking it in', async () => {
    const answer = await send(test.port, '/port/1/', { host }, { method: 'POST', body: 'x'.repeat(5_000) });
    expect(answer).toMatchObject({ status: 401, headers: { connection: 'close' } });
  });
});

describe('live connections', () => {
  async function openSocket(): Promise<{ closed: () => boolean; end: () => void }> {
    const net = await import('node:net');
    let closed = false;
    let text = '';
    const socket = net.connect(test.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('close', () => (closed = true));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.write(handshake(host, '/jupyterlab/ws', [`Origin: ${origin}`, `Cookie: ${cookie}`]));
    await eventually(() => text.startsWith('HTTP/1.1 101'));
    return { closed: () => closed, end: () => socket.destroy() };
  }

  it('close when the session ends, and only those', async () => {
    const socket = await openSocket();
    test.bus.emit({ type: 'session', id: 'another-session', version: 1 }, {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(socket.closed()).toBe(false);
    test.ended.add(`session-of-${ADA}`);
    test.bus.emit({ type: 'session', id: `session-of-${ADA}`, version: 1 }, {});
    await eventually(() => socket.closed());
    await eventually(() => container.sockets.size === 0);
    expect((await send(test.port, '/port/1/', { host, cookie })).status).toBe(401);
  });

  it('do not keep a session alive by being open, only by work on the server', async () => {
    const socket = await openSocket();
    const check = async (): Promise<unknown> => {
      test.checks.length = 0;
      // Has all of them checked, as happens each minute.
      test.bus.missed();
      await eventually(() => test.checks.length > 0);
      return test.checks[0];
    };
    expect(await check()).toEqual({ id: `session-of-${ADA}`, quiet: true });
    test.targets.used.add(ADAS_SERVER);
    expect(await check()).toEqual({ id: `session-of-${ADA}`, quiet: false });
    test.targets.used.clear();
    test.checks.length = 0;
    test.bus.emit({ type: 'user', id: ADA, version: 3 }, {});
    await eventually(() => test.checks.length > 0);
    expect(test.checks).toEqual([{ id: `session-of-${ADA}`, quiet: true }]);
    socket.end();
    await eventually(() => test.proxy.liveConnections === 0);
  });

  it('close when the user is deactivated', async () => {
    const socket = await openSocket();
    test.ended.add(`session-of-${ADA}`);
    test.bus.emit({ type: 'user', id: ADA, version: 2 }, {});
    await eventually(() => socket.closed());
  });

  it.each([
    ['is stopped', { phase: 'stopped' }],
    ['is reset', { generation: 2 }],
    ['loses its container', { endpoint: undefined }],
    ['has another owner', { ownerId: BOB }],
  ] as const)('close when the server %s', async (_what, change) => {
    const socket = await openSocket();
    test.targets.change(ADAS_SERVER, change);
    await eventually(() => socket.closed());
  });

  it('close when the server is deleted', async () => {
    const socket = await openSocket();
    test.targets.set(ADAS_SERVER, undefined);
    await eventually(() => socket.closed());
  });

  it('stay when the engine does not answer', async () => {
    const socket = await openSocket();
    test.targets.change(ADAS_SERVER, { phase: 'unknown', endpoint: undefined });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(socket.closed()).toBe(false);
    socket.end();
    await eventually(() => test.proxy.liveConnections === 0);
  });

  it('close an answer that still runs when the session ends', async () => {
    container.answer = (_req, res) => void res.write('first');
    const pending = send(test.port, '/port/1/events', { host, cookie }).catch((error: unknown) => error);
    await eventually(() => container.requests.length === 1);
    test.ended.add(`session-of-${ADA}`);
    test.bus.emit({ type: 'session', id: `session-of-${ADA}`, version: 1 }, {});
    expect(await pending).toMatchObject({ code: 'ECONNRESET' });
    await eventually(() => test.proxy.liveConnections === 0);
  });
});
