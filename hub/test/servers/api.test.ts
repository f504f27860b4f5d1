import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  createServer,
  deleteServer,
  getServer,
  getServerLogs,
  getSizes,
  listServers,
  openServer,
  resetServer,
  startServer,
  stopServer,
} from '@davit/contract';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import type { Actor } from '../../src/platform/auth.ts';
import { ApiRouter } from '../../src/platform/http.ts';
import { serveApi, TestClient } from '../apiHarness.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, type World } from './harness.ts';

const imageId = 'imgboth00000';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let hub: ServersDomain;
let served: Awaited<ReturnType<typeof serveApi>>;
let links: { userId: string; serverId: string; path: string }[];
let actors: Map<string, Actor>;
let teacher: Actor;
const as = (actor: Actor): TestClient => new TestClient(served.url, { 'x-as': actor.userId });

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  world = createWorld(database.db);
  hub = world.hub();
  links = [];
  teacher = world.people.add('teach0000000', 'teacher');
  world.people.members.set(teacher.userId, [world.ada.userId]);
  actors = new Map([world.ada, world.bob, world.admin, teacher].map((actor) => [actor.userId, actor]));
  const api = new ApiRouter();
  hub.routes(api, {
    issueLink: (actor, grant) => {
      links.push({ userId: actor.userId, serverId: grant.serverId, path: grant.path });
      return Promise.resolve(`http://s-${grant.serverId}.localhost:8000${grant.path}?code=x`);
    },
  });
  served = await serveApi(api, (headers) => Promise.resolve(actors.get(String(headers['x-as']))));
});
afterEach(async () => {
  await served.close();
  await world.end();
});

const running = async (): Promise<string> => {
  const { body } = await as(world.ada).call(createServer, { body: { name: 'work', imageId } });
  await world.rest(hub);
  return body.id;
};

describe('POST /servers', () => {
  it('answers 201 with the server, and 409 with what is used up', async () => {
    const small = { imageId, resources: { cpu: 0.5, memoryMb: 512 } };
    for (const name of ['a', 'b', 'c']) {
      const answer = await as(world.ada).call(createServer, { body: { ...small, name } });
      expect(answer).toMatchObject({
        status: 201,
        body: { name, phase: 'queued', resources: { cpu: 0.5, memoryMb: 512, gpu: 0 } },
      });
    }
    const refused = await as(world.ada).call(createServer, { body: { ...small, name: 'd' } });
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'quota-exceeded',
        detail: '3 of 3 servers of your quota are used up. Delete one, or ask an admin for more.',
        details: { resource: 'servers', limit: 3, used: 3, asked: 1 },
      },
    });
  });

  it.each([
    [{ imageId }, ['name']],
    [{ name: ' ', imageId }, ['name']],
    [{ name: 'a\0b', imageId }, ['name']],
    [{ name: 'x'.repeat(61), imageId }, ['name']],
    [{ name: 'a' }, ['imageId']],
    [{ name: 'a', imageId: 'nosuchimage0' }, ['imageId']],
    [{ name: 'a', imageId, preset: 'huge' }, ['preset']],
    [{ name: 'a', imageId, preset: 'small', resources: { cpu: 1 } }, ['preset']],
    [{ name: 'a', imageId, resources: { memory: 2048 } }, ['resources.memory']],
    [
      { name: 'a', imageId, resources: { cpu: 0, memoryMb: 1.5, gpu: -1 } },
      ['resources.cpu', 'resources.memoryMb', 'resources.gpu'],
    ],
    [{ name: 'a', imageId, start: 'yes' }, ['start']],
  ])('names the bad field of %j', async (body, fields) => {
    const answer = await as(world.ada).send('POST', '/api/v1/servers', body);
    expect(answer.status).toBe(400);
    expect([...new Set(answer.fields)]).toEqual(fields);
  });

  it('refuses a name that is taken, a size that no machine has, and an account that is not active', async () => {
    await running();
    const twice = await as(world.ada).call(createServer, { body: { name: 'work', imageId } });
    expect(twice).toMatchObject({ status: 409, fields: ['name'], body: { code: 'conflict' } });
    const other = await as(world.bob).call(createServer, { body: { name: 'work', imageId } });
    expect(other.status).toBe(201);
    const huge = await as(world.ada).call(createServer, { body: { name: 'huge', imageId, resources: { cpu: 3 } } });
    expect(huge).toMatchObject({
      status: 409,
      body: {
        code: 'conflict',
        detail:
          'No machine is large enough for this server. 3 CPU were asked for, the largest machine has 2. Choose a smaller size.',
      },
    });
    world.people.people.set(world.bob.userId, { ...world.people.people.get(world.bob.userId)!, active: false });
    expect((await as(world.bob).call(createServer, { body: { name: 'b', imageId } })).status).toBe(403);
  });
});

describe('another person', () => {
  it('is told that the server does not exist, by each endpoint', async () => {
    const id = await running();
    const bob = as(world.bob);
    const answers = [
      await bob.call(getServer, { params: { id } }),
      await bob.call(startServer, { params: { id } }),
      await bob.call(stopServer, { params: { id } }),
      await bob.call(resetServer, { params: { id } }),
      await bob.call(deleteServer, { params: { id } }),
      await bob.call(openServer, { params: { id }, body: {} }),
      await bob.call(getServerLogs, { params: { id } }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404, 404, 404]);
    expect((await bob.call(listServers, { query: { scope: 'all' } })).body.items).toEqual([]);
    expect((await bob.call(listServers, { query: { owner: world.ada.userId } })).body.items).toEqual([]);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'running', generation: 1 });
    expect(links).toEqual([]);
  });

  it('who is an admin sees, stops and deletes, but does not enter', async () => {
    const id = await running();
    const admin = as(world.admin);
    expect((await admin.call(getServer, { params: { id } })).body).toMatchObject({ ownerName: 'ada' });
    expect((await admin.call(listServers, { query: { scope: 'all' } })).body.items).toHaveLength(1);
    expect((await admin.call(listServers, {})).body.items).toEqual([]);
    expect((await admin.call(getServerLogs, { params: { id } })).status).toBe(200);
    expect((await admin.call(openServer, { params: { id }, body: {} })).status).toBe(403);
    expect((await admin.call(resetServer, { params: { id } })).status).toBe(403);
    expect((await admin.call(stopServer, { params: { id } })).status).toBe(202);
    expect((await admin.call(startServer, { params: { id } })).status).toBe(403);
    expect((await admin.call(deleteServer, { params: { id } })).status).toBe(202);
  });

  it('who is a teacher sees and stops the members’ servers, no more', async () => {
    const id = await running();
    const others = await as(world.bob).call(createServer, { body: { name: 'mine', imageId, start: false } });
    const client = as(teacher);
    const seen = (await client.call(listServers, { query: { scope: 'all' } })).body.items;
    expect(seen.map((server) => server.id)).toEqual([id]);
    expect((await client.call(getServer, { params: { id: others.body.id } })).status).toBe(404);
    expect((await client.call(deleteServer, { params: { id } })).status).toBe(403);
    expect((await client.call(getServerLogs, { params: { id } })).status).toBe(403);
    expect((await client.call(openServer, { params: { id }, body: {} })).status).toBe(403);
    expect((await client.call(stopServer, { params: { id } })).status).toBe(202);
  });

  it('without a credential is refused first', async () => {
    const nobody = new TestClient(served.url);
    expect((await nobody.call(listServers, {})).status).toBe(401);
    expect((await nobody.call(getSizes, {})).status).toBe(401);
  });

  it('with a token that only reads changes nothing', async () => {
    const id = await running();
    actors.set(world.ada.userId, { ...world.ada, scopes: new Set(['read']) });
    const reader = as(world.ada);
    expect((await reader.call(getServer, { params: { id } })).status).toBe(200);
    const writes = [startServer, stopServer, resetServer, deleteServer];
    for (const route of writes) expect((await reader.call(route, { params: { id } })).status).toBe(403);
    expect((await reader.call(openServer, { params: { id }, body: {} })).status).toBe(403);
    expect((await reader.call(createServer, { body: { name: 'x', imageId } })).status).toBe(403);
  });
});

describe('GET /servers', () => {
  it('pages newest first, filters, and refuses a forged cursor', async () => {
    const eve = world.people.add('eve000000000', 'user', { servers: 10 });
    actors.set(eve.userId, eve);
    for (const name of ['alpha', 'beta', 'gamma']) {
      await as(eve).call(createServer, { body: { name, imageId, start: false } });
      world.clock.advance(1000);
    }
    const first = await as(eve).call(listServers, { query: { limit: 2 } });
    expect(first.body.items.map((server) => server.name)).toEqual(['gamma', 'beta']);
    const second = await as(eve).call(listServers, { query: { limit: 2, cursor: first.body.nextCursor! } });
    expect(second.body).toMatchObject({ items: [{ name: 'alpha' }], nextCursor: null });
    const found = await as(eve).call(listServers, { query: { search: 'ET' } });
    expect(found.body.items.map((server) => server.name)).toEqual(['beta']);
    expect((await as(eve).call(listServers, { query: { search: '%' } })).body.items).toEqual([]);
    expect((await as(eve).call(listServers, { query: { search: 'a\0' } })).status).toBe(200);
    expect((await as(eve).call(listServers, { query: { phase: 'running' } })).body.items).toEqual([]);
    for (const key of ['x', '["never","a"]', '["2030-01-01","\\u0000"]', '[1]']) {
      const cursor = Buffer.from(key).toString('base64url');
      const forged = await as(eve).call(listServers, { query: { cursor } });
      expect([forged.status, forged.fields]).toEqual([400, ['cursor']]);
    }
    const bad = await as(eve).send('GET', '/api/v1/servers?limit=0&phase=odd&scope=none&owner=x');
    expect(bad.fields.sort()).toEqual(['limit', 'owner', 'phase', 'scope']);
  });

  it('asks for the names of all owners at once', async () => {
    for (const owner of [world.ada, world.bob, teacher]) {
      await as(owner).call(createServer, { body: { name: 'mine', imageId, start: false } });
    }
    const [one, many] = [jest.spyOn(world.people, 'find'), jest.spyOn(world.people, 'namesOf')];
    const { body } = await as(world.admin).call(listServers, { query: { scope: 'all' } });
    expect(body.items.map(({ ownerName }) => ownerName).sort()).toEqual(['ada', 'bob', 'teach']);
    expect([one.mock.calls.length, many.mock.calls.length]).toEqual([0, 1]);
  });

  it('pages through servers of one and the same moment', async () => {
    const eve = world.people.add('eve000000000', 'user', { servers: 10 });
    actors.set(eve.userId, eve);
    for (const name of ['a', 'b', 'c', 'd'])
      await as(eve).call(createServer, { body: { name, imageId, start: false } });
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await as(eve).call(listServers, { query: { limit: 1, cursor } });
      names.push(...body.items.map((server) => server.name));
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(names.sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('POST /servers/{id}/open', () => {
  it('links to the first editor, a named one, or a port', async () => {
    const id = await running();
    const ada = as(world.ada);
    const answer = await ada.call(openServer, { params: { id } });
    expect(answer).toMatchObject({ status: 200, body: { url: `http://s-${id}.localhost:8000/jupyterlab/?code=x` } });
    await ada.call(openServer, { params: { id }, body: { editor: 'code-server' } });
    await ada.call(openServer, { params: { id }, body: { port: 8080 } });
    expect(links.map((link) => link.path)).toEqual(['/jupyterlab/', '/code-server/', '/port/8080/']);
    expect(links[0]).toMatchObject({ userId: world.ada.userId, serverId: id });
  });

  it('says what is wrong with what was asked', async () => {
    const id = await running();
    const open = (body: unknown) => as(world.ada).send('POST', `/api/v1/servers/${id}/open`, body);
    expect((await open({ editor: 'desktop' })).fields).toEqual(['editor']);
    expect((await open({ editor: 'vim' })).fields).toEqual(['editor']);
    expect((await open({ port: 70_000 })).fields).toEqual(['port']);
    expect((await open({ port: 80, editor: 'jupyterlab' })).fields).toEqual(['port']);
    expect(links).toEqual([]);
  });

  it('refuses what is not running, in words', async () => {
    const id = await running();
    await as(world.ada).call(stopServer, { params: { id } });
    const stopping = await as(world.ada).call(openServer, { params: { id } });
    expect(stopping).toMatchObject({ status: 409, body: { detail: 'This server is being stopped.' } });
    await world.rest(hub);
    const stopped = await as(world.ada).call(openServer, { params: { id } });
    expect(stopped).toMatchObject({ status: 409, body: { detail: 'This server is stopped. Start it first.' } });
  });

  it('asks for a port where the image has no editor', async () => {
    const { body } = await as(world.ada).call(createServer, { body: { name: 'shell', imageId: 'imgbase00000' } });
    await world.rest(hub);
    expect((await as(world.ada).call(openServer, { params: { id: body.id } })).status).toBe(409);
    expect((await as(world.ada).call(openServer, { params: { id: body.id }, body: { port: 80 } })).status).toBe(200);
  });
});

describe('GET /servers/{id}/logs', () => {
  it('bounds the tail', async () => {
    const id = await running();
    world.engine.of(id)!.logs.push('one', 'two', 'three');
    const answer = await as(world.ada).call(getServerLogs, { params: { id }, query: { tail: 2 } });
    expect(answer.body).toEqual({ lines: ['two', 'three'], source: 'container' });
    expect((await as(world.ada).send('GET', `/api/v1/servers/${id}/logs?tail=x`)).fields).toEqual(['tail']);
    expect((await as(world.ada).send('GET', '/api/v1/servers/not-an-id/logs')).fields).toEqual(['id']);
  });
});

describe('GET /sizes', () => {
  it('says what fits now, waits, is above the quota or can never run', async () => {
    world.engine.inventory = {
      nodes: [
        { name: 'n', cpu: 2, memoryMb: 17_408, gpus: [{ id: 'g0', kind: 'Fake X', declared: true }], ready: true },
      ],
    };
    const fits = async (actor: Actor) => {
      const { body } = await as(actor).call(getSizes, {});
      return Object.fromEntries(body.presets.map((preset) => [preset.id, preset.fit]));
    };
    expect(await fits(world.ada)).toEqual({ small: 'now', medium: 'now', large: 'never', gpu: 'now' });
    await as(world.bob).call(createServer, { body: { name: 'big', imageId, preset: 'gpu' } });
    await world.rest(hub);
    expect(await fits(world.ada)).toEqual({ small: 'now', medium: 'now', large: 'never', gpu: 'waits' });
    const { body } = await as(world.bob).call(getSizes, {});
    expect(body).toMatchObject({
      quota: {
        limit: { servers: 3, cpu: 4, memoryMb: 16_384, gpu: 1 },
        used: { servers: 1, cpu: 2, memoryMb: 8192, gpu: 1 },
      },
      capacity: { total: { cpu: 8, memoryMb: 16_384, gpu: 1 }, free: { cpu: 6, memoryMb: 8192, gpu: 0 } },
      gpus: [{ kind: 'Fake X', total: 1, free: 0 }],
    });
    expect(await fits(world.bob)).toMatchObject({ gpu: 'above-quota' });
  });

  it('answers without the engine too', async () => {
    world.engine.reachable = false;
    const { body } = await as(world.ada).call(getSizes, {});
    expect(body).toMatchObject({ capacity: null, gpus: [], presets: [{ id: 'small', fit: 'waits' }, {}, {}, {}] });
  });
});
