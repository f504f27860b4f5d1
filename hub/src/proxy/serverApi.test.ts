import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as contract from '@davit/contract';
import type { AnyRoute } from '@davit/contract';
import { io, type Socket } from 'socket.io-client';
import {
  ADA,
  addServer,
  ADAS_SERVER,
  BOB,
  BOBS_SERVER,
  eventually,
  handshake,
  personWith,
  send,
  sendRaw,
  startTestProxy,
  type TestProxy,
} from '../../test/proxyFixture.ts';
import type { Actor } from '../platform/auth.ts';
import { ApiRouter } from '../platform/http.ts';

const ROUTES = (Object.values(contract) as unknown[]).filter(
  (value): value is AnyRoute =>
    typeof value === 'object' && value !== null && 'serverApi' in value && value !== contract.getServerApiInfo,
);
const OFFERED = ROUTES.filter((route) => route.serverApi);
/** `info` of the hub has a namesake that tells of the server instead. */
const HIDDEN = ROUTES.filter((route) => !route.serverApi && route.name !== 'getInfo');
const SESSION = `session-of-${ADA}`;

/** All endpoints of the contract, which answer with who called them. */
function echoingApi(called: (route: AnyRoute, actor: Actor | undefined) => void): ApiRouter {
  const api = new ApiRouter();
  for (const route of ROUTES) {
    const open = { ...route, params: anything, query: anything, body: anything, status: 200 as const };
    const handler = (_: unknown, { actor }: { actor: Actor | undefined }): unknown => {
      called(route, actor);
      return { route: route.name };
    };
    if (route.access === 'public') api.onPublic(open, handler);
    else api.on(open, handler);
  }
  return api;
}
const anything = contract.serverApiInfoSchema.partial().loose().optional();

function pathOf(route: AnyRoute): string {
  return contract.serverApiPath(route.path).replace(/\{\w+\}/g, ADAS_SERVER);
}

it('the contract offers nothing to servers that is for admins or needs more than their scopes', () => {
  expect(OFFERED.length).toBeGreaterThan(20);
  expect(OFFERED.filter(({ access, scope }) => access !== 'user' || !['read', 'servers'].includes(scope))).toEqual([]);
});

describe.each(['host', 'path'] as const)('the server API on a server’s origin, %s mode', (mode) => {
  let test: TestProxy;
  let cookie: string;
  let bobsCookie: string;
  let host: string;
  let base: string;
  let origin: string;
  const calls: { name: string; actor: Actor | undefined }[] = [];

  beforeAll(async () => {
    const api = echoingApi((route, actor) => calls.push({ name: route.name, actor }));
    test = await startTestProxy({ mode, api });
    host = test.host(ADAS_SERVER);
    base = test.origins.basePath(ADAS_SERVER);
    origin = `http://${host}`;
  });
  afterAll(() => test.close());
  beforeEach(() => {
    test.ended.clear();
    test.tokens.clear();
    cookie = addServer(test, {});
    bobsCookie = addServer(test, { serverId: BOBS_SERVER, ownerId: BOB });
    calls.length = 0;
  });

  const call = (route: AnyRoute, headers: Record<string, string>) =>
    send(test.port, base + pathOf(route), { host, ...headers }, { method: route.method });

  it.each(OFFERED.map((route) => [route.name, route] as const))('offers %s to its owner only', async (_name, route) => {
    const good = await call(route, { cookie, origin });
    expect([good.status, JSON.parse(good.body)]).toEqual([200, { route: route.name }]);
    const refused: [number, Record<string, string>][] = [
      [401, {}],
      [401, { cookie: bobsCookie, origin }],
      [401, { authorization: 'Bearer davit_invented', cookie }],
    ];
    if (route.method !== 'GET') {
      refused.push([403, { cookie, origin: 'http://elsewhere.example' }]);
      refused.push([403, { cookie, origin: `http://localhost:${test.port}` }]);
      refused.push([403, { cookie, 'sec-fetch-site': 'same-site' }]);
    }
    for (const [status, headers] of refused) {
      const answer = await call(route, headers);
      expect([status, answer.status, answer.headers['content-type']]).toEqual([
        status,
        status,
        'application/problem+json',
      ]);
      expect(JSON.parse(answer.body)).toMatchObject({ requestId: answer.headers['x-request-id'] });
    }
    expect(calls).toHaveLength(1);
    expect(calls[0]?.actor).toMatchObject({ userId: ADA, role: 'user', server: { id: ADAS_SERVER } });
  });

  it('has no other endpoint of the hub', async () => {
    for (const route of HIDDEN) expect([route.name, (await call(route, { cookie })).status]).toEqual([route.name, 404]);
    for (const path of ['/api/v1/me', '/api/davit/v1', '/api/davit/v1/', '/api/davit/v2/usage']) {
      expect([path, (await send(test.port, base + path, { host, cookie })).status]).not.toEqual([path, 200]);
    }
    expect(calls).toEqual([]);
  });

  it('never has the rights of an admin or of the account, whatever the owner’s are', async () => {
    const admin: Actor = { ...personWith(ADA, { kind: 'session', id: SESSION }), role: 'admin' };
    test.actors.set(SESSION, { ...admin, scopes: new Set(['read', 'servers', 'account', 'admin']) });
    expect((await call(contract.getServer, { cookie })).status).toBe(200);
    expect(calls[0]?.actor).toMatchObject({ role: 'user', scopes: new Set(['read', 'servers']) });
  });

  it('gives a token of the owner no more than its own scopes, and asks no Origin of it', async () => {
    const via = { kind: 'token', id: 'token0000001' } as const;
    test.tokens.set('davit_ada', { ...personWith(ADA, via), scopes: new Set(['servers']) });
    const headers = { authorization: 'Bearer davit_ada', origin: 'http://elsewhere.example' };
    expect((await call(contract.getUsageSummary, headers)).status).toBe(403);
    expect((await call(contract.resetServer, headers)).status).toBe(200);
    test.tokens.set('davit_bob', personWith(BOB, { kind: 'token', id: 'token0000002' }));
    expect((await call(contract.getServer, { authorization: 'Bearer davit_bob' })).status).toBe(403);
  });

  it('refuses a session that has ended at once', async () => {
    expect((await call(contract.getServer, { cookie })).status).toBe(200);
    test.ended.add(SESSION);
    expect((await call(contract.getServer, { cookie })).status).toBe(401);
  });

  it('reads JSON of at most 100 kB and nothing else', async () => {
    const post = (type: string, body: string) =>
      send(
        test.port,
        `${base}/api/davit/v1/servers/${ADAS_SERVER}/keep`,
        { host, cookie, origin, 'content-type': type, 'content-length': Buffer.byteLength(body) },
        { method: 'POST', body },
      );
    expect((await post('application/json', '{}')).status).toBe(200);
    expect((await post('text/plain', '{}')).status).toBe(400);
    expect((await post('application/x-www-form-urlencoded', 'a=b')).status).toBe(400);
    expect((await post('application/json', '{')).status).toBe(400);
    expect((await post('application/json', JSON.stringify('x'.repeat(110_000)))).status).toBe(413);
  });

  it('answers what and whose it is', async () => {
    const info = await send(test.port, `${base}/api/davit/v1/info`, { host, cookie });
    expect(contract.serverApiInfoSchema.parse(JSON.parse(info.body))).toEqual({
      api: 1,
      version: '1.2.3',
      hubUrl: `http://localhost:${test.port}`,
      user: { id: ADA, name: `name of ${ADA}` },
      server: { id: ADAS_SERVER, name: `server of ${ADA}`, phase: 'running' },
    });
  });

  it('works while the server does not run', async () => {
    test.targets.change(ADAS_SERVER, { phase: 'stopped', endpoint: undefined });
    expect((await call(contract.getServer, { cookie })).status).toBe(200);
  });

  describe('live events', () => {
    const sockets: Socket[] = [];
    afterAll(() => sockets.forEach((socket) => socket.disconnect()));

    async function connected(headers: Record<string, string>): Promise<{ socket: Socket; heard: unknown[] }> {
      const socket = io(`http://127.0.0.1:${test.port}`, {
        path: `${base}/api/davit/socket.io`,
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        extraHeaders: { host, ...headers },
      });
      sockets.push(socket);
      const heard: unknown[] = [];
      socket.on('change', (event: { type: string; id: string }) => heard.push(`${event.type} ${event.id}`));
      await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
      return { socket, heard };
    }

    it('tell of this server and of its owner’s images, of nothing else', async () => {
      const { heard } = await connected({ cookie, origin });
      const tell = (type: contract.EventType, id: string, userIds: string[], everyone = false) =>
        test.bus.emit({ type, id, version: 1 }, { userIds, everyone });
      tell('server', BOBS_SERVER, [ADA]);
      tell('server', BOBS_SERVER, [], true);
      tell('image', 'bobs', [BOB]);
      tell('image', 'nobodys', []);
      tell('user', ADA, [ADA]);
      tell('token', 'x', [ADA]);
      tell('settings', 'x', [], true);
      tell('server', ADAS_SERVER, []);
      tell('image', 'adas', [ADA]);
      tell('image-job', 'adas', [ADA]);
      tell('image', 'public', [], true);
      await eventually(() => heard.length === 4);
      expect(heard).toEqual([`server ${ADAS_SERVER}`, 'image adas', 'image-job adas', 'image public']);
    });

    it('outlive a stop of the server, and end with the session or the server', async () => {
      const first = await connected({ cookie, origin });
      test.targets.change(ADAS_SERVER, { phase: 'stopped', generation: 2 });
      test.bus.emit({ type: 'server', id: ADAS_SERVER, version: 2 }, { userIds: [ADA] });
      await eventually(() => first.heard.length === 1);
      test.targets.set(ADAS_SERVER, undefined);
      await eventually(() => first.socket.disconnected);
      const second = await connected({ cookie: addServer(test, {}), origin });
      test.ended.add(SESSION);
      test.bus.emit({ type: 'session', id: SESSION, version: 1 }, { userIds: [ADA] });
      await eventually(() => second.socket.disconnected);
      await eventually(() => test.proxy.liveConnections === 0);
    });

    it('are refused to everybody else, and elsewhere', async () => {
      const path = `${base}/api/davit/socket.io/?EIO=4&transport=websocket`;
      const ask = async (where: string, lines: string[]) =>
        (await sendRaw(test.port, handshake(host, where, lines))).slice(9, 12);
      expect(await ask(path, [`Cookie: ${cookie}`, `Origin: ${origin}`])).toBe('101');
      expect(await ask(path, [`Cookie: ${cookie}`])).toBe('403');
      expect(await ask(path, [`Cookie: ${cookie}`, 'Origin: http://elsewhere.example'])).toBe('403');
      expect(await ask(path, [`Cookie: ${cookie}`, `Origin: http://localhost:${test.port}`])).toBe('403');
      expect(await ask(path, [`Origin: ${origin}`])).toBe('401');
      expect(await ask(path, [`Cookie: ${bobsCookie}`, `Origin: ${origin}`])).toBe('401');
      expect(await ask(path, ['Authorization: Bearer davit_invented', `Cookie: ${cookie}`])).toBe('401');
      expect(await ask(`${base}/api/davit/v1/info`, [`Cookie: ${cookie}`, `Origin: ${origin}`])).toBe('404');
      expect((await send(test.port, path, { host, cookie })).status).toBe(400);
    });
  });
});
