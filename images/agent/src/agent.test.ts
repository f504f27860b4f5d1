import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Directory, until } from '../test/directory.ts';
import { ECHO, script } from '../test/programs.ts';
import { Agent } from './agent.ts';
import { loadConfig } from './config.ts';
import type { AgentStatus } from './status.ts';

const SECRET = { 'x-davit-secret': 's3cret' };

let directory: Directory;
let agent: Agent;
let port: number;
let servers: http.Server[];

beforeEach(() => {
  directory = new Directory();
  directory.write('secret', 's3cret\n');
  directory.write('go', '');
  servers = [];
});

afterEach(async () => {
  await agent.dispose();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  directory.remove();
});

async function start(
  editors: Record<string, 'keep' | 'strip'> = {},
  basePath = '',
  command = script(ECHO, '${PORT}'),
): Promise<void> {
  for (const [name, prefix] of Object.entries(editors)) {
    directory.write(`${name}.json`, JSON.stringify({ name, command, prefix, ready: { path: '/' } }));
  }
  const config = loadConfig({
    DAVIT_EDITORS: Object.keys(editors).join(','),
    DAVIT_BASE_PATH: basePath,
    DAVIT_AGENT_HOST: '127.0.0.1',
    DAVIT_AGENT_PORT: '0',
    DAVIT_RUN_DIR: directory.path,
    DAVIT_EDITORS_DIR: directory.path,
    DAVIT_AGENT_TERMINALS_DIR: directory.path,
  });
  agent = new Agent({ config, env: process.env, log: () => undefined });
  port = await agent.start();
}

async function ready(basePath = ''): Promise<void> {
  await until(async () => (await status(basePath)).editors.every(({ phase }) => phase === 'ready'));
}

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

function ask(path: string, options: http.RequestOptions = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = options.headers ?? SECRET;
    const request = http.request({ host: '127.0.0.1', port, path, agent: false, ...options, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function status(basePath = ''): Promise<AgentStatus> {
  const answer = await ask(`${basePath}/__davit/status`);
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  return JSON.parse(answer.body) as AgentStatus;
}

interface Echo {
  url: string;
  headers: Record<string, string>;
}

async function askEcho(path: string, options?: http.RequestOptions): Promise<Echo> {
  const answer = await ask(path, options);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body) as Echo;
}

/** A program of the user on a port. */
async function userServer(handler: http.RequestListener, host = '127.0.0.1'): Promise<number> {
  const server = http.createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

interface Tunnel {
  socket: net.Socket;
  received: string;
  closed: boolean;
}

async function upgrade(path: string, headers: Record<string, string> = SECRET): Promise<Tunnel> {
  const socket = net.connect(port, '127.0.0.1');
  const tunnel: Tunnel = { socket, received: '', closed: false };
  socket.on('data', (data: Buffer) => (tunnel.received += data.toString('latin1')));
  socket.on('error', () => undefined);
  socket.on('close', () => (tunnel.closed = true));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join('')}\r\n`);
  await until(() => tunnel.received.includes('\r\n\r\n'));
  return tunnel;
}

describe('the secret', () => {
  it.each([
    ['no secret', {}],
    ['another secret', { 'x-davit-secret': 'other' }],
    ['an empty secret', { 'x-davit-secret': '' }],
  ])('%s: 403 and nothing else, for requests and upgrades, whatever the path', async (_name, headers) => {
    await start({ lab: 'strip' });
    await ready();
    for (const path of ['/lab/', '/__davit/status', '/port/8000/', '/port/x/', '/nothing', '/lab']) {
      const answer = await ask(path, { headers });
      expect([answer.status, answer.body]).toEqual([403, '']);
      expect((await upgrade(path, headers)).received).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    }
    expect((await status()).activity.lastInputAt).toBeNull();
  });

  it('does not reach what runs inside', async () => {
    await start({ lab: 'strip' });
    await ready();
    const user = await userServer((req, res) => res.end(JSON.stringify({ url: req.url, headers: req.headers })));
    expect((await askEcho('/lab/')).headers).not.toHaveProperty('x-davit-secret');
    expect((await askEcho(`/port/${user}/`)).headers).not.toHaveProperty('x-davit-secret');
  });
});

describe.each(['', '/s/abc'])('below "%s"', (base) => {
  it('editors get the path as they want it, with the host as it was', async () => {
    await start({ kept: 'keep', cut: 'strip' }, base);
    await ready(base);
    const sent = { host: 's-1.localhost:8000', origin: 'http://s-1.localhost:8000' };
    const headers = { ...SECRET, ...sent };
    expect(await askEcho(`${base}/kept/a?b`, { headers })).toMatchObject({ url: `${base}/kept/a?b`, headers: sent });
    expect(await askEcho(`${base}/cut/a?b`, { headers })).toMatchObject({ url: '/a?b', headers: sent });
    const redirect = await ask(`${base}/cut?a=b`);
    expect([redirect.status, redirect.headers.location]).toEqual([308, `${base}/cut/?a=b`]);
  });

  it('ports get the path below them and are told what is in front', async () => {
    await start({}, base);
    const user = await userServer((req, res) => res.end(JSON.stringify({ url: req.url, headers: req.headers })));
    const seen = await askEcho(`${base}/port/${user}/a/b?c`, {
      headers: { ...SECRET, 'x-forwarded-prefix': '/forged' },
    });
    expect(seen).toMatchObject({ url: '/a/b?c', headers: { 'x-forwarded-prefix': `${base}/port/${user}` } });
  });
});

describe('editors', () => {
  it('that are not ready are answered for', async () => {
    await start({ lab: 'strip' }, '', script('setInterval(() => {}, 1000)'));
    await until(async () => (await status()).editors[0]?.phase === 'starting');
    const answer = await ask('/lab/');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(answer.body)).toEqual({ editor: 'lab', phase: 'starting', message: 'lab is starting.' });
    const { received } = await upgrade('/lab/ws');
    expect(received).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(received).toContain('retry-after: 1\r\n');
  });

  it('that this image does not carry are answered for as well', async () => {
    await start({}, '');
    await agent.dispose();
    const env = {
      DAVIT_EDITORS: 'gone',
      DAVIT_AGENT_HOST: '127.0.0.1',
      DAVIT_AGENT_PORT: '0',
      DAVIT_RUN_DIR: directory.path,
    };
    agent = new Agent({ config: loadConfig({ ...env, DAVIT_EDITORS_DIR: directory.path }), env, log: () => undefined });
    port = await agent.start();
    const answer = await ask('/gone/');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      503,
      { editor: 'gone', phase: 'failed', message: 'This image does not carry the editor "gone".' },
    ]);
  });

  it('may end without ending anything else', async () => {
    await start({ lab: 'strip', other: 'strip' });
    await ready();
    await ask('/lab/crash');
    expect((await askEcho('/other/')).url).toBe('/');
    await until(async () => (await status()).editors[0]?.restarts === 1);
    await ready();
    expect((await askEcho('/lab/')).url).toBe('/');
  });

  it('get upgrades with their subprotocol', async () => {
    await start({ lab: 'strip' });
    await ready();
    const tunnel = await upgrade('/lab/ws', { ...SECRET, 'sec-websocket-protocol': 'v1.kernel' });
    expect(tunnel.received).toMatch(/^HTTP\/1\.1 101 .*sec-websocket-protocol: v1\.kernel\r\n/is);
    tunnel.socket.write('hello');
    await until(() => tunnel.received.endsWith('hello'));
    tunnel.socket.destroy();
  });

  it('may be none at all', async () => {
    await start();
    expect((await status()).editors).toEqual([]);
    const answer = await ask('/');
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8']);
  });
});

describe('ports', () => {
  it('work on either loopback address, with a body', async () => {
    await start();
    for (const host of ['127.0.0.1', '::1']) {
      const user = await userServer((req, res) => req.pipe(res), host);
      const body = 'x'.repeat(200_000);
      expect((await ask(`/port/${user}/`, { method: 'POST' }, body)).body).toBe(body);
    }
  });

  it('take upgrades on either loopback address', async () => {
    await start();
    for (const host of ['127.0.0.1', '::1']) {
      const user = await userServer(() => undefined, host);
      servers.at(-1)?.on('upgrade', (_req, socket) => {
        socket.write('HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        socket.pipe(socket);
      });
      const tunnel = await upgrade(`/port/${user}/ws`);
      tunnel.socket.write('hello');
      await until(() => tunnel.received.endsWith('hello'));
      tunnel.socket.destroy();
    }
  });

  it('on which nothing listens say so', async () => {
    await start();
    const answer = await ask('/port/1/');
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('Nothing listens on port 1.')]);
    expect((await upgrade('/port/1/')).received).toMatch(/^HTTP\/1\.1 502 /);
  });

  it('do not lead back to the agent, nor to what is no port', async () => {
    await start();
    const own = await ask(`/port/${port}/__davit/status`);
    expect([own.status, own.body]).toEqual([400, expect.stringContaining('belongs to Davit')]);
    expect((await ask('/port/http/')).status).toBe(400);
    expect((await upgrade('/port/99999/')).received).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('with programs that break off are no reason to fall over', async () => {
    await start();
    const user = await userServer((req) => req.socket.destroy());
    expect((await ask(`/port/${user}/`)).status).toBe(502);
    expect((await ask('/__davit/status')).status).toBe(200);
  });

  it('serve a request that asks for HTTP/2 as if it had not', async () => {
    await start();
    const user = await userServer((_req, res) => res.end('plain'));
    const headers = { ...SECRET, connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    expect((await ask(`/port/${user}/`, { headers })).body).toBe('plain');
  });
});

describe('activity', () => {
  it('is a request to a port, but not an event stream, which is a page', async () => {
    await start();
    const user = await userServer((req, res) => (req.url === '/events' ? res.write('data: 1\n\n') : res.end()));
    const headers = { ...SECRET, accept: 'text/event-stream' };
    const stream = http.get({ host: '127.0.0.1', port, path: `/port/${user}/events`, agent: false, headers });
    stream.on('error', () => undefined);
    await until(async () => (await status()).activity.pagesOpen === 1);
    expect((await status()).activity.lastInputAt).toBeNull();
    stream.destroy();
    await until(async () => (await status()).activity.pagesOpen === 0);
    await ask(`/port/${user}/`);
    expect(Date.parse((await status()).activity.lastInputAt!)).toBeGreaterThan(Date.now() - 5000);
  });

  it('is a key in a desktop, but not its picture; an open socket is a page', async () => {
    await start({ desktop: 'strip', lab: 'strip' });
    await ready();
    const desktop = await upgrade('/desktop/websockify');
    const lab = await upgrade('/lab/ws');
    const pictureRequest = Buffer.from([0x82, 0x8a, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 5, 0, 3, 32]);
    const key = Buffer.from([0x82, 0x88, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 65]);
    desktop.socket.write(pictureRequest);
    lab.socket.write(key);
    await until(() => desktop.received.endsWith('\x03\x20') && lab.received.endsWith('\x41'));
    expect((await status()).activity).toMatchObject({ pagesOpen: 2, lastInputAt: null });
    desktop.socket.write(key);
    await until(async () => (await status()).activity.lastInputAt !== null);
    desktop.socket.resetAndDestroy();
    lab.socket.end();
    await until(async () => (await status()).activity.pagesOpen === 0);
  });

  it('is a page that a person opens and a document that is saved, but not what a page does by itself', async () => {
    await start({ lab: 'strip' });
    await ready();
    const byHand = { ...SECRET, 'sec-fetch-mode': 'navigate', 'sec-fetch-user': '?1' };
    const lastInput = async () => (await status()).activity.lastInputAt;
    await ask('/lab/', { headers: { ...SECRET, 'sec-fetch-mode': 'navigate' } });
    await ask('/lab/api/kernels');
    await ask('/lab/api/contents/a.ipynb');
    expect(await lastInput()).toBeNull();
    await ask('/lab/', { headers: byHand });
    const opened = await lastInput();
    expect(opened).not.toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await ask('/lab/api/contents/a.ipynb', { method: 'PUT' }, '{}');
    expect(Date.parse((await lastInput())!)).toBeGreaterThan(Date.parse(opened!));
  });

  it('remembers when a page was last open', async () => {
    await start({ lab: 'strip' });
    await ready();
    expect((await status()).activity.lastPageAt).toBeNull();
    const tunnel = await upgrade('/lab/ws');
    const open = (await status()).activity.lastPageAt;
    tunnel.socket.destroy();
    await until(async () => (await status()).activity.pagesOpen === 0);
    const closed = (await status()).activity.lastPageAt;
    expect(Date.parse(closed!)).toBeGreaterThanOrEqual(Date.parse(open!));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await status()).activity.lastPageAt).toBe(closed);
  });

  it('is not known to be none right after the start', async () => {
    await start();
    const { activity, memory, cpuUsageUs, contract } = await status();
    expect([activity.busy, contract]).toEqual([null, 1]);
    expect(memory.usedBytes).toBeGreaterThan(0);
    expect(cpuUsageUs).toEqual(expect.any(Number));
  });
});

describe('the end', () => {
  it('is orderly, and frees everything', async () => {
    await start({ lab: 'strip' });
    await ready();
    const { pid } = JSON.parse((await ask('/lab/')).body) as { pid: number };
    const tunnel = await upgrade('/lab/ws');
    await agent.dispose();
    await until(() => tunnel.closed);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(ask('/lab/')).rejects.toThrow('ECONNREFUSED');
  });
});
