import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createServerClient,
  getServer,
  getServerApiInfo,
  getServerLogs,
  listServers,
  openServer,
  resetServer,
  SERVER_LIVE_PATH,
  stopServer,
  urlOf,
  type AnyRoute,
  type ApiClient,
  type ApiError,
} from '@davit/contract';
import { QueryTypes } from 'sequelize';
import { io, type Socket } from 'socket.io-client';
import type { ServersDomain, Spawner } from '../../src/domains/servers/index.ts';
import { FakeSpawner } from '../../src/drivers/spawner/fake/index.ts';
import { Bus } from '../../src/platform/bus.ts';
import { ApiRouter } from '../../src/platform/http.ts';
import { createLog } from '../../src/platform/log.ts';
import { Metrics } from '../../src/platform/metrics.ts';
import { createServerApp, InsideApi, ServerLive } from '../../src/proxy/index.ts';
import { createTestDatabase } from '../database.ts';
import { freePort } from '../hubProcess.ts';
import { eventually, handshake, sendRaw } from '../proxyFixture.ts';
import { createWorld, type World } from './harness.ts';

const MINUTE = 60_000;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let hub: ServersDomain;
let bus: Bus;
let port: number;
let live: ServerLive;
let inside: InsideApi;
/** What the machine has and what the engine says: both change while a hub runs. */
let addresses: Set<string>;
let gateway: string | undefined;
let lines: string[];
const sockets: Socket[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function newHub(spawner?: Spawner): void {
  bus = new Bus();
  hub = world.hub({ bus, ...(spawner === undefined ? {} : { spawner }) });
  const api = new ApiRouter();
  hub.routes(api, { issueLink: (actor) => Promise.resolve(`http://link/${String(actor.server?.id)}`) });
  const log = createLog('silent');
  live = new ServerLive(bus);
  inside = new InsideApi({
    app: createServerApp({
      api,
      targets: hub.targets,
      hubUrl: 'http://localhost:8000',
      version: '1.2.3',
      metrics: new Metrics(),
      log,
    }),
    live,
    tokens: hub.tokens,
    targets: hub.targets,
    gateway: () => Promise.resolve(gateway),
    port,
    bus,
    log: Object.assign(createLog('silent'), {
      warn: (...words: unknown[]) => lines.push(JSON.stringify(words)),
      info: (...words: unknown[]) => lines.push(JSON.stringify(words)),
    }),
    addresses: () => addresses,
  });
}

beforeEach(async () => {
  world = createWorld(database.db);
  port = await freePort();
  addresses = new Set(['127.0.0.1']);
  gateway = '127.0.0.1';
  lines = [];
  newHub();
  inside.start();
  await eventually(() => inside.address !== undefined);
});
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.disconnect());
  await inside.dispose();
  await live.close();
  await world.end();
});

async function running(name = 'work', person = world.ada): Promise<{ id: string; token: string }> {
  const { id } = await hub.service.create(person, { name, imageId: 'imgjupyter00', start: true });
  await world.rest(hub);
  return { id, token: tokenOf(id) };
}

function tokenOf(id: string): string {
  return world.engine.of(id)?.spec.token ?? '';
}

const url = (): string => `http://127.0.0.1:${port}`;
const client = (token: string): ApiClient =>
  createServerClient({ baseUrl: url(), headers: () => ({ authorization: `Bearer ${token}` }) });
const statusOf = (asked: Promise<unknown>): Promise<number> =>
  asked.then(
    () => 200,
    (error: unknown) => (error as ApiError).problem.status,
  );
const info = (token: string): Promise<number> => statusOf(client(token)(getServerApiInfo, {}));

async function connected(token: string): Promise<{ socket: Socket; heard: string[] }> {
  const socket = io(url(), {
    path: SERVER_LIVE_PATH,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { authorization: `Bearer ${token}` },
  });
  sockets.push(socket);
  const heard: string[] = [];
  socket.on('change', ({ type, id }: { type: string; id: string }) => heard.push(`${type} ${id}`));
  await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
  return { socket, heard };
}

describe('code inside a server', () => {
  it('acts on its own server with the token it finds', async () => {
    const { id, token } = await running();
    const call = client(token);
    expect(await call(getServerApiInfo, {})).toMatchObject({
      user: { id: world.ada.userId, name: 'ada' },
      server: { id, name: 'work', phase: 'running' },
    });
    expect(await call(getServer, { params: { id } })).toMatchObject({ id, phase: 'running' });
    expect((await call(getServerLogs, { params: { id }, query: {} })).source).toBe('container');
    expect(await call(openServer, { params: { id }, body: {} })).toEqual({ url: `http://link/${id}` });
    expect(await call(resetServer, { params: { id } })).toMatchObject({ id, generation: 2 });
  });

  it('finds no other server, its owner’s neither, and an admin’s server has no more rights', async () => {
    const { token } = await running();
    const second = await running('second');
    const bobs = await running('bobs', world.bob);
    const admins = await running('admins', world.admin);
    for (const [caller, id] of [
      [token, second.id],
      [token, bobs.id],
      [admins.token, bobs.id],
    ] as const) {
      expect(await statusOf(client(caller)(getServer, { params: { id } }))).toBe(404);
      expect(await statusOf(client(caller)(getServerLogs, { params: { id }, query: {} }))).toBe(404);
      expect(await statusOf(client(caller)(resetServer, { params: { id } }))).toBe(404);
      expect(await statusOf(client(caller)(openServer, { params: { id }, body: {} }))).toBe(404);
    }
    const actor = (await hub.tokens.authenticate(token))!;
    const { items } = await hub.service.list(actor, { scope: 'all', limit: 50 });
    expect(items).toHaveLength(1);
    await expect(hub.service.create(actor, { name: 'x', imageId: 'imgbase00000', start: true })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect((await hub.tokens.authenticate(admins.token))?.role).toBe('user');
  });

  it('reaches nothing but the server API', async () => {
    const { token, id } = await running();
    const ask = (path: string, method = 'GET') =>
      fetch(url() + path, { method, headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status);
    const hidden = (route: AnyRoute) => ask(urlOf(route, { id }), route.method);
    expect(await hidden(listServers)).toBe(404);
    expect(await hidden(stopServer)).toBe(404);
    for (const path of ['/', '/healthz', '/metrics', '/api/v1/me', '/api/socket.io/', '/api/davit/v1/servers']) {
      expect([path, await ask(path)]).toEqual([path, 404]);
    }
    expect(await ask('/api/davit/v1/ready')).toBe(404);
  });

  it('is refused with anything but a server’s token, over HTTP and WebSocket', async () => {
    const { token } = await running();
    const handshakeWith = async (...headers: string[]) =>
      (await sendRaw(port, handshake('hub', `${SERVER_LIVE_PATH}/?EIO=4&transport=websocket`, headers))).slice(9, 12);
    const invented = `davit_${'x'.repeat(43)}`;
    for (const authorization of [undefined, `Bearer ${invented}`, `Basic ${token}`, 'Bearer x', `Bearer ${token}x`]) {
      const headers = authorization === undefined ? undefined : { authorization };
      const answer = await fetch(`${url()}/api/davit/v1/info`, { headers });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(await answer.json()).toMatchObject({ code: 'unauthenticated', requestId: expect.any(String) });
      const lines = authorization === undefined ? [] : [`Authorization: ${authorization}`];
      expect(await handshakeWith(...lines)).toBe('401');
    }
    expect(await handshakeWith(`Authorization: Bearer ${token}`)).toBe('101');
  });

  it('is known by the engine’s own token where the engine makes them, as long as its container is wanted', async () => {
    const fake = new FakeSpawner({ engine: world.engine, instanceId: 'one' });
    const tokenOfEngine = (serverId: string) => `jwt.${'x'.repeat(1000)}.${serverId}`;
    const spawner = Object.assign(fake, {
      identify: (token: string) => Promise.resolve(world.engine.of(token.split('.')[2] ?? '')?.ref),
    });
    await inside.dispose();
    newHub(spawner);
    inside.start();
    await eventually(() => inside.address !== undefined);
    const { id, token } = await running();
    expect(token).toBe('');
    expect(await info(tokenOfEngine(id))).toBe(200);
    const { socket } = await connected(tokenOfEngine(id));
    expect(await info(tokenOfEngine('srv000000009'))).toBe(401);
    await hub.service.reset(world.ada, id);
    await world.rest(hub);
    expect(await info(tokenOfEngine(id))).toBe(200);
    await eventually(() => !socket.connected);
    await hub.service.stop(world.ada, id);
    expect(await info(tokenOfEngine(id))).toBe(401);
  });

  it('is told to wait after many wrong tokens', async () => {
    const { token } = await running();
    const statuses = new Set<number>();
    for (let n = 0; n < 61; n += 1) statuses.add(await info(`davit_${'x'.repeat(43)}`));
    expect([...statuses]).toEqual([401, 429]);
    expect(await info(token)).toBe(429);
  });
});

describe('a server’s token', () => {
  it('is kept as a hash only and goes into no log', async () => {
    const { token, id } = await running();
    const rows = await world.db.query('SELECT * FROM server_tokens', { type: QueryTypes.SELECT });
    expect(rows).toMatchObject([{ server_id: id, generation: 1 }]);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(lines.join('\n')).not.toContain(token);
  });

  it('is replaced after an hour; the old one is good for ten more minutes, and so are its sockets', async () => {
    const { id, token: first } = await running();
    world.clock.advance(59 * MINUTE);
    await hub.settle();
    expect(tokenOf(id)).toBe(first);
    const { socket } = await connected(first);
    world.clock.advance(2 * MINUTE);
    await hub.settle();
    const second = tokenOf(id);
    expect(second).not.toBe(first);
    expect([await info(first), await info(second)]).toEqual([200, 200]);
    world.clock.advance(9 * MINUTE);
    expect([await info(first), await info(second)]).toEqual([200, 200]);
    bus.emit({ type: 'user', id: world.bob.userId, version: 1 }, {});
    world.clock.advance(MINUTE);
    expect([await info(first), await info(second)]).toEqual([401, 200]);
    bus.emit({ type: 'user', id: world.bob.userId, version: 2 }, {});
    await eventually(() => socket.disconnected);
    await expect(connected(first)).rejects.toThrow();
    await connected(second);
  });

  it('stays as it is when the new one cannot be written, and is replaced the next time', async () => {
    const { id, token } = await running();
    world.clock.advance(59 * MINUTE);
    await hub.settle();
    world.clock.advance(2 * MINUTE);
    world.engine.fail('writeToken', new Error('The engine does not answer.'));
    await hub.settle();
    expect(tokenOf(id)).toBe(token);
    world.clock.advance(11 * MINUTE);
    expect(await info(token)).toBe(200);
    await world.rest(hub);
    expect(tokenOf(id)).not.toBe(token);
    expect(await info(tokenOf(id))).toBe(200);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['stop', (id) => hub.service.stop(world.ada, id)],
    ['delete', (id) => hub.service.delete(world.ada, id)],
    ['reset', (id) => hub.service.reset(world.ada, id)],
    [
      'the end of its container',
      (id) => {
        world.engine.exit(id, { exitCode: 1 });
        return Promise.resolve();
      },
    ],
  ])('ends at once with %s, and its sockets', async (_what, end) => {
    const { id, token } = await running();
    const { socket, heard } = await connected(token);
    await end(id);
    await world.rest(hub);
    expect(await info(token)).toBe(401);
    await eventually(() => socket.disconnected);
    expect(heard).toContain(`server ${id}`);
    const rows = await world.db.query('SELECT * FROM server_tokens WHERE generation = 1', { type: QueryTypes.SELECT });
    expect(rows).toEqual([]);
  });

  it('is refused at once when its owner may not sign in any more', async () => {
    const { token } = await running();
    world.people.people.get(world.ada.userId)!.active = false;
    expect(await info(token)).toBe(401);
  });

  it('is good again after the hub was started again', async () => {
    const { id, token } = await running();
    await inside.dispose();
    await live.close();
    await hub.stop();
    newHub();
    for (const row of [await hub.service.get(world.ada, id)]) expect(row.phase).toBe('running');
    await hub.start();
    inside.start();
    await eventually(() => inside.address !== undefined);
    expect(tokenOf(id)).toBe(token);
    expect(await info(token)).toBe(200);
  });
});

describe('the listener', () => {
  it('waits for the network’s address, follows it, and comes back after it was gone', async () => {
    addresses.clear();
    bus.emit({ type: 'user', id: 'x', version: 1 }, {});
    await eventually(() => inside.address === undefined);
    await expect(fetch(url())).rejects.toThrow();
    addresses.add('127.0.0.2').add('127.0.0.1');
    gateway = '127.0.0.2';
    bus.emit({ type: 'user', id: 'x', version: 2 }, {});
    await eventually(() => inside.address === '127.0.0.2');
    gateway = '127.0.0.1';
    addresses.delete('127.0.0.2');
    bus.emit({ type: 'user', id: 'x', version: 3 }, {});
    await eventually(() => inside.address === '127.0.0.1');
  });

  it('says once that its port is taken, and listens when it is free', async () => {
    await inside.dispose();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, gateway, resolve));
    newHub();
    inside.start();
    await eventually(() => lines.some((line) => line.includes('DAVIT_API_PORT')));
    bus.emit({ type: 'user', id: 'x', version: 1 }, {});
    await new Promise((resolve) => other.close(resolve));
    bus.emit({ type: 'user', id: 'x', version: 2 }, {});
    await eventually(() => inside.address !== undefined);
    expect(lines.filter((line) => line.includes('DAVIT_API_PORT'))).toHaveLength(1);
  });

  it('shares its port with another hub on this machine, which goes on alone when it ends', async () => {
    const [first, firstLive] = [inside, live];
    newHub();
    inside.start();
    await eventually(() => inside.address !== undefined);
    const { token } = await running();
    await first.dispose();
    await firstLive.close();
    expect(await info(token)).toBe(200);
  });
});
