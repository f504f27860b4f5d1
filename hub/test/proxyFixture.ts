import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { Forwarder } from '@davit/forward';
import { createOrigins, LoginCache, type Grant, type Origins } from '../src/domains/access/index.ts';
import type { Actor } from '../src/platform/auth.ts';
import { Bus } from '../src/platform/bus.ts';
import { createLog } from '../src/platform/log.ts';
import { randomSecret } from '../src/platform/random.ts';
import { ApiRouter } from '../src/platform/http.ts';
import { Metrics } from '../src/platform/metrics.ts';
import {
  createServerApp,
  Proxy,
  SERVER_OPTIONS,
  ServerLive,
  type ProxyOptions,
  type ServerTarget,
} from '../src/proxy/index.ts';

export const ADA = 'user00000ada';
export const BOB = 'user00000bob';
export const ADAS_SERVER = 'adaserver001';
export const BOBS_SERVER = 'bobserver001';
export const SECRET = 'agent-secret';

/** What a container saw, and how it answers. */
export interface Container {
  port: number;
  requests: { method: string; url: string; headers: http.IncomingHttpHeaders }[];
  /** All bytes that ever arrived, of whatever kind. */
  bytes: () => number;
  sockets: Set<net.Socket>;
  answer: http.RequestListener;
  close: () => Promise<void>;
}

/** A real HTTP server in the place of a container; upgrades are answered and echoed. */
export async function startContainer(): Promise<Container> {
  let past = 0;
  const sockets = new Set<net.Socket>();
  const server = http.createServer((req, res) => {
    container.requests.push({ method: req.method!, url: req.url!, headers: req.headers });
    container.answer(req, res);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      past += socket.bytesRead;
      sockets.delete(socket);
    });
  });
  server.on('upgrade', (req, socket, head) => {
    container.requests.push({ method: req.method!, url: req.url!, headers: req.headers });
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.write(head);
    socket.pipe(socket);
  });
  const port = await listen(server);
  const container: Container = {
    port,
    requests: [],
    bytes: () => [...sockets].reduce((sum, socket) => sum + socket.bytesRead, past),
    sockets,
    answer: (_req, res) => res.end('from the container'),
    close: () => closeServer(server),
  };
  return container;
}

/** Targets that tests set as they like; each change is told at once. */
class TestTargets {
  readonly #targets = new Map<string, ServerTarget>();
  readonly #listeners = new Set<(serverId: string, target: ServerTarget | undefined) => void>();
  /** Servers on which somebody is said to work. */
  readonly used = new Set<string>();

  find(serverId: string): ServerTarget | undefined {
    return this.#targets.get(serverId);
  }

  onChange(listener: (serverId: string, target: ServerTarget | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  inUse(serverIds: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(serverIds.filter((id) => this.used.has(id))));
  }

  set(serverId: string, target: ServerTarget | undefined): void {
    if (target === undefined) this.#targets.delete(serverId);
    else this.#targets.set(serverId, target);
    for (const listener of this.#listeners) listener(serverId, target);
  }

  change(serverId: string, change: Partial<ServerTarget>): void {
    this.set(serverId, { ...this.#targets.get(serverId)!, ...change });
  }
}

/** A proxy in a real HTTP server; sign-in, targets and tokens are in memory. */
export interface TestProxy {
  port: number;
  origins: Origins;
  proxy: Proxy;
  bus: Bus;
  targets: TestTargets;
  grants: Map<string, Grant>;
  tokens: Map<string, Actor>;
  ended: Set<string>;
  /** Whom a session or token stands for, by its id. */
  actors: Map<string, Actor>;
  /** Sessions and tokens that were asked about for connections under way; what is not quiet counts as use. */
  checks: { id: string; quiet: boolean }[];
  server: http.Server;
  forwarder: Forwarder;
  /** Runs before each look-up of a cookie. */
  beforeVerify: (hook: () => Promise<void>) => void;
  host: (serverId: string) => string;
  close: () => Promise<void>;
}

export interface TestProxyOptions {
  mode?: 'host' | 'path';
  access?: (origins: Origins, bus: Bus) => ProxyOptions['access'];
  /** What is answered below `/api/davit/v1`, besides what the proxy answers itself. */
  api?: ApiRouter;
}

export async function startTestProxy(options: TestProxyOptions = {}): Promise<TestProxy> {
  const { mode = 'host', access, api = new ApiRouter() } = options;
  const server = http.createServer(SERVER_OPTIONS);
  const port = await listen(server);
  const origins = createOrigins({
    publicUrl: new URL(`http://localhost:${port}`),
    serverUrl: mode === 'host' ? `http://s-{id}.localhost:${port}` : `http://127.0.0.1:${port}/s/{id}`,
    insecureHttp: false,
    instanceId: 'inst',
  });
  const bus = new Bus();
  const forwarder = new Forwarder({ connectTimeoutMs: 2_000, headersTimeoutMs: 5_000 });
  const targets = new TestTargets();
  const grants = new Map<string, Grant>();
  const tokens = new Map<string, Actor>();
  const ended = new Set<string>();
  const actors = new Map<string, Actor>();
  const checks: TestProxy['checks'] = [];
  const clock = { now: () => new Date() };
  let hook = (): Promise<void> => Promise.resolve();
  const cache = new LoginCache({
    clock,
    load: async (secret) => {
      await hook();
      const grant = grants.get(secret);
      return grant !== undefined && !ended.has(grant.via.id) ? grant : undefined;
    },
  });
  bus.subscribe(({ event }) => cache.invalidate(event));
  const inMemory: ProxyOptions['access'] = {
    verify: (secret, serverId) => {
      const grant = cache.get(secret);
      const check = (found: Grant | undefined) => (found?.serverId === serverId ? found : undefined);
      return grant instanceof Promise ? grant.then(check) : check(grant);
    },
    redeem: () => Promise.resolve(undefined),
    isAlive: (via, _, how) => {
      checks.push({ id: via.id, quiet: how?.quiet === true });
      return Promise.resolve(!ended.has(via.id));
    },
    actorOf: ({ id }) => {
      const found = actors.get(id) ?? [...tokens.values()].find((actor) => actor.via.id === id);
      return Promise.resolve(ended.has(id) ? undefined : found);
    },
  };
  const live = new ServerLive(bus);
  const proxy = new Proxy({
    origins,
    targets,
    access: access?.(origins, bus) ?? inMemory,
    authenticate: ({ authorization }) => Promise.resolve(tokens.get(String(authorization).replace(/^bearer +/i, ''))),
    forwarder,
    bus,
    clock,
    log: createLog('silent'),
    app: createServerApp({
      api,
      targets,
      hubUrl: origins.hubOrigin,
      version: '1.2.3',
      metrics: new Metrics(),
      log: createLog('silent'),
    }),
    live,
  });
  server.on('request', (req, res) => {
    if (!proxy.handleRequest(req, res)) res.end('from the hub');
  });
  server.on('upgrade', (req, socket, head) => {
    if (!proxy.handleUpgrade(req, socket, head))
      socket.end('HTTP/1.1 200 OK\r\nx-from: hub\r\ncontent-length: 0\r\n\r\n');
  });
  return {
    port,
    origins,
    proxy,
    bus,
    targets,
    grants,
    tokens,
    ended,
    actors,
    checks,
    server,
    forwarder,
    beforeVerify: (next) => (hook = next),
    host: (serverId) => origins.serverHost(serverId),
    close: async () => {
      await proxy.dispose();
      await live.close();
      await forwarder.dispose();
      await closeServer(server);
    },
  };
}

/** Puts a running server behind the proxy and gives the Cookie header of its owner. */
export function addServer(
  test: TestProxy,
  options: { serverId?: string; ownerId?: string; port?: number } & Partial<ServerTarget> = {},
): string {
  const { serverId = ADAS_SERVER, ownerId = ADA, port, ...rest } = options;
  test.targets.set(serverId, {
    serverId,
    ownerId,
    name: `server of ${ownerId}`,
    generation: 1,
    phase: 'running',
    editors: ['jupyterlab', 'code-server'],
    readyEditors: ['jupyterlab', 'code-server'],
    reason: undefined,
    endpoint: port === undefined ? undefined : { host: '127.0.0.1', port },
    secret: SECRET,
    basePath: test.origins.basePath(serverId),
    ...rest,
  });
  // New for each call: the proxy remembers for a while which cookies are not good any more.
  const secret = randomSecret();
  const via = { kind: 'session', id: `session-of-${ownerId}` } as const;
  test.actors.set(via.id, personWith(ownerId, via));
  test.grants.set(secret, {
    userId: ownerId,
    via,
    serverId,
    host: test.host(serverId),
  });
  return `${test.origins.cookieName(serverId)}=${secret}`;
}

/** A person with all rights of a user. */
export function personWith(userId: string, via: Actor['via']): Actor {
  return { userId, name: `name of ${userId}`, role: 'user', scopes: new Set(['read', 'servers', 'account']), via };
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** One request over a connection of its own, with exactly these headers. */
export function send(
  port: number,
  path: string,
  headers: http.OutgoingHttpHeaders,
  { method = 'GET', body }: { method?: string; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => (text += chunk));
      res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers, body: text }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Sends bytes as they are and gives all that comes back until the other side closes or half a second is silent. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

/** The text of a WebSocket handshake with these header lines. */
export function handshake(host: string, path: string, lines: readonly string[] = []): string {
  const all = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...lines,
  ];
  return `${all.join('\r\n')}\r\n\r\n`;
}

/** Waits until `condition` holds; fails after 5 s. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function closeServer(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
