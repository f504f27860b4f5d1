import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Forwarder } from '@davit/forward';
import { createOrigins, LoginCache } from '../../hub/src/domains/access/index.ts';
import { Bus } from '../../hub/src/platform/bus.ts';
import { systemClock } from '../../hub/src/platform/clock.ts';
import { createLog } from '../../hub/src/platform/log.ts';
import { randomSecret } from '../../hub/src/platform/random.ts';
import { Proxy, SERVER_OPTIONS, ServerLive, type ServerTarget } from '../../hub/src/proxy/index.ts';

const SERVER_ID = 'benchserver1';
const OWNER_ID = 'benchowner01';

/** The hub's proxy on a loopback port, and what a signed-in owner's browser sends to it. */
export interface HubProxy {
  /** `http://127.0.0.1:<port>`; the server is told apart by the Host header. */
  url: string;
  port: number;
  /** Host, Origin and Cookie: with these each request and each upgrade is authorised. */
  headers: { host: string; origin: string; cookie: string };
  proxy: Proxy;
  close: () => Promise<void>;
}

/** Starts the real proxy before `backend`. Only what reads the database is in memory: one login and one server. */
export async function startHubProxy(backend: { host: string; port: number }): Promise<HubProxy> {
  const server = http.createServer(SERVER_OPTIONS);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origins = createOrigins({
    publicUrl: new URL(`http://localhost:${port}`),
    serverUrl: `http://s-{id}.localhost:${port}`,
    insecureHttp: false,
    instanceId: 'bench',
  });
  const secret = randomSecret();
  const host = origins.serverHost(SERVER_ID);
  const forwarder = new Forwarder();
  const bus = new Bus();
  const live = new ServerLive(bus);
  const proxy = new Proxy({
    origins,
    targets: {
      find: (id) => (id === SERVER_ID ? target : undefined),
      onChange: () => () => undefined,
      inUse: () => Promise.resolve(new Set()),
    },
    access: inMemoryAccess(secret, host),
    authenticate: () => Promise.resolve(undefined),
    forwarder,
    bus,
    clock: systemClock,
    log: createLog('silent'),
    app: { answer: (_req, res) => res.end() },
    live,
  });
  const target: ServerTarget = {
    serverId: SERVER_ID,
    ownerId: OWNER_ID,
    name: 'bench',
    generation: 1,
    phase: 'running',
    reason: undefined,
    editors: ['jupyterlab'],
    readyEditors: ['jupyterlab'],
    endpoint: backend,
    secret: randomSecret(),
    basePath: '',
  };
  server.on('request', (req, res) => {
    if (!proxy.handleRequest(req, res)) res.writeHead(404).end();
  });
  server.on('upgrade', (req, socket, head) => {
    if (!proxy.handleUpgrade(req, socket, head)) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    headers: { host, origin: `http://${host}`, cookie: `${origins.cookieName(SERVER_ID)}=${secret}` },
    proxy,
    close: async () => {
      await proxy.dispose();
      await live.close();
      await forwarder.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One login, behind the same cache as in the hub. */
function inMemoryAccess(secret: string, host: string): ConstructorParameters<typeof Proxy>[0]['access'] {
  const grant = { userId: OWNER_ID, via: { kind: 'session', id: 'benchsession' }, serverId: SERVER_ID, host } as const;
  const cache = new LoginCache({
    clock: systemClock,
    load: (asked) => Promise.resolve(asked === secret ? grant : undefined),
  });
  return {
    verify: (asked) => cache.get(asked),
    redeem: () => Promise.resolve(undefined),
    isAlive: () => Promise.resolve(true),
    actorOf: () => Promise.resolve(undefined),
  };
}
