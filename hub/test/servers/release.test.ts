import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createServer,
  getRelease,
  getServer,
  keepServer,
  openServer,
  releaseServer,
  reportInput,
  setReleasePolicy,
  startServer,
  stopServer,
  type ReleasePolicy,
} from '@davit/contract';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import type { Actor } from '../../src/platform/auth.ts';
import { ApiRouter } from '../../src/platform/http.ts';
import { serveApi, TestClient } from '../apiHarness.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, type World } from './harness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const imageId = 'imgjupyter00';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let hub: ServersDomain;
let served: Awaited<ReturnType<typeof serveApi>>;
let actors: Map<string, Actor>;
let teacher: Actor;
let saving: Set<string>;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  world = createWorld(database.db);
  const gpus = [{ id: 'g0', kind: 'Fake', declared: true }];
  world.engine.inventory = { nodes: [{ name: 'fake', cpu: 8, memoryMb: 99_999, gpus, ready: true }] };
  saving = new Set();
  hub = world.hub({ saving: () => Promise.resolve(saving) });
  teacher = world.people.add('teach0000000', 'teacher');
  world.people.members.set(teacher.userId, [world.ada.userId]);
  actors = new Map([world.ada, world.bob, world.admin, teacher].map((actor) => [actor.userId, actor]));
  const api = new ApiRouter();
  hub.routes(api, { issueLink: () => Promise.resolve('http://s-x.localhost:8000/') });
  served = await serveApi(api, (headers) => Promise.resolve(actors.get(String(headers['x-as']))));
});
afterEach(async () => {
  await served.close();
  await world.end();
});

const as = (actor: Actor): TestClient => new TestClient(served.url, { 'x-as': actor.userId });
const quiet = () => ({ busy: false, busyCode: null, lastBusyAt: null, lastPageAt: world.clock.now().toISOString() });

/** Ada's server, running, nobody there, nothing to do. */
async function leftAlone(releasePolicy: ReleasePolicy = '2h', more: object = {}): Promise<string> {
  const { body } = await as(world.ada).call(createServer, { body: { name: 'work', imageId, releasePolicy, ...more } });
  world.agents.activities.set(body.id, quiet());
  await world.rest(hub);
  return body.id;
}

/** Time passes in steps in which agents are asked, as they are in a hub that runs. */
async function pass(ms: number, step = 10 * MINUTE): Promise<void> {
  for (let left = ms; left > 0; left -= step) {
    world.clock.advance(Math.min(left, step));
    await hub.settle();
  }
  await world.rest(hub);
}

const server = async (id: string) => (await as(world.ada).call(getServer, { params: { id } })).body;
const events = (id: string) => world.events.filter(({ event }) => event.id === id).length;

describe('a server that nobody uses', () => {
  it('warns once, is released once, frees all and says so', async () => {
    const id = await leftAlone('2h', { preset: 'gpu' });
    const left = world.clock.now();
    expect((await server(id)).release).toMatchObject({
      policy: '2h',
      because: { code: 'leaving' },
      leftAt: left.toISOString(),
      releaseAt: new Date(left.getTime() + 2 * HOUR).toISOString(),
    });
    const before = events(id);
    await pass(89 * MINUTE, MINUTE);
    expect(events(id)).toBe(before);
    await pass(MINUTE);
    expect(events(id)).toBe(before + 1);
    await pass(29 * MINUTE, MINUTE);
    expect([events(id), (await server(id)).phase]).toEqual([before + 1, 'running']);
    await pass(MINUTE);
    expect(await server(id)).toMatchObject({
      phase: 'stopped',
      reason: 'Released after 2 h without you. /data is kept.',
      reasonDetail: { code: 'released', params: { policy: '2h', hours: 2 } },
      release: null,
      gpuIds: [],
    });
    expect(world.engine.containers.size).toBe(0);
    expect(await world.runs()).toEqual([expect.objectContaining({ reason: 'released' })]);
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 0, gpu: 0 });
    await pass(HOUR);
    expect(await world.runs()).toHaveLength(1);
  });

  it('tells of its release also when the engine was away while it ended', async () => {
    const id = await leftAlone();
    await pass(119 * MINUTE);
    world.clock.advance(MINUTE);
    await hub.settle();
    world.engine.reachable = false;
    await world.rest(hub);
    world.engine.reachable = true;
    await world.rest(hub);
    expect(await server(id)).toMatchObject({ phase: 'stopped', reasonDetail: { code: 'released' } });
  });

  it('starts again with a clean slate', async () => {
    const id = await leftAlone();
    await pass(2 * HOUR);
    await as(world.ada).call(startServer, { params: { id } });
    await world.rest(hub);
    expect(await server(id)).toMatchObject({
      phase: 'running',
      reason: null,
      release: { leftAt: world.clock.now().toISOString(), keepUntil: null, lastInputAt: null },
    });
  });

  it('is not released while its agent is silent, nor as soon as that speaks again', async () => {
    const id = await leftAlone();
    await pass(100 * MINUTE);
    world.agents.words.set(id, 'silent');
    await pass(5 * HOUR);
    expect((await server(id)).release).toMatchObject({ because: { code: 'unknown' }, releaseAt: null });
    world.agents.words.delete(id);
    await pass(MINUTE);
    expect((await server(id)).release).toMatchObject({ because: { code: 'leaving' } });
    await pass(28 * MINUTE);
    expect((await server(id)).phase).toBe('running');
    await pass(2 * MINUTE);
    expect((await server(id)).phase).toBe('stopped');
  });

  it('is asked once more right before the end', async () => {
    const id = await leftAlone();
    await pass(119 * MINUTE);
    // Nobody has asked the agent since.
    world.agents.activities.set(id, { ...quiet(), busy: true, busyCode: 'kernel-busy' });
    world.clock.advance(MINUTE);
    await world.rest(hub);
    expect(await server(id)).toMatchObject({ phase: 'running', release: { because: { code: 'kernel-busy' } } });
  });

  it('keeps its clock over a restart of the hub, and is warned by the new one', async () => {
    const id = await leftAlone('4h');
    const left = world.clock.now().toISOString();
    await pass(2 * HOUR);
    await hub.stop();
    world.clock.advance(3 * HOUR);
    hub = world.hub();
    await world.rest(hub);
    const { release } = await hub.service.get(world.ada, id);
    expect(release).toMatchObject({ leftAt: left, because: { code: 'leaving' } });
    expect(Date.parse(release!.releaseAt!) - world.clock.now().getTime()).toBe(30 * MINUTE);
    await pass(30 * MINUTE);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ reasonDetail: { code: 'released' } });
  });

  it('is released by one of two hubs', async () => {
    const id = await leftAlone();
    await pass(119 * MINUTE);
    const other = world.hub();
    await world.rest(other);
    world.clock.advance(31 * MINUTE);
    await Promise.all([hub.settle(), other.settle()]);
    await Promise.all([hub.settle(), other.settle()]);
    await world.rest(hub);
    expect((await server(id)).phase).toBe('stopped');
    expect(await world.runs()).toHaveLength(1);
  });
});

describe('a server that is used', () => {
  it.each([
    ['work', { busy: true, busyCode: 'cpu-busy' as const }],
    ['what is not known', { busy: null }],
  ])('by %s starts its clock anew afterwards', async (_name, activity) => {
    const id = await leftAlone();
    await pass(HOUR);
    world.agents.activities.set(id, { ...quiet(), ...activity, lastBusyAt: world.clock.now().toISOString() });
    await pass(5 * HOUR);
    expect((await server(id)).release).toMatchObject({ releaseAt: null });
    const ended = world.clock.now();
    world.agents.activities.set(id, { ...quiet(), lastBusyAt: ended.toISOString() });
    await pass(MINUTE);
    const clockStarted = Date.parse((await server(id)).release!.releaseAt!) - 2 * HOUR;
    expect(clockStarted - ended.getTime()).toBeGreaterThanOrEqual(0);
    expect(clockStarted - ended.getTime()).toBeLessThanOrEqual(MINUTE);
  });

  it('by a save stays until that is done', async () => {
    const id = await leftAlone();
    saving.add(id);
    await pass(5 * HOUR);
    expect((await server(id)).release).toMatchObject({ because: { code: 'saving' }, releaseAt: null });
    saving.clear();
    await pass(119 * MINUTE);
    expect((await server(id)).phase).toBe('running');
  });

  it('takes back a warning when its person returns', async () => {
    const id = await leftAlone();
    await pass(95 * MINUTE);
    world.agents.activities.set(id, { ...quiet(), pagesOpen: 1 });
    await as(world.ada).call(reportInput, { params: { id } });
    await pass(MINUTE);
    expect((await server(id)).release).toMatchObject({ because: { code: 'input' }, warnAt: null, leftAt: null });
  });

  it('is used by whoever opens it', async () => {
    const id = await leftAlone();
    await pass(95 * MINUTE);
    await as(world.ada).call(openServer, { params: { id }, body: {} });
    expect((await server(id)).release?.lastInputAt).toBe(world.clock.now().toISOString());
  });

  it('is used by nobody when an editor goes on reporting though its browser is gone', async () => {
    const id = await leftAlone();
    world.agents.activities.set(id, { ...quiet(), pagesOpen: 1 });
    await as(world.ada).call(reportInput, { params: { id } });
    await pass(5 * MINUTE, MINUTE);
    const gone = world.clock.now().getTime();
    world.agents.activities.set(id, quiet());
    for (let minute = 0; minute < 10; minute += 1) {
      // The first comes before the hub has heard of the end, and counts.
      await as(world.ada).call(reportInput, { params: { id } });
      await pass(MINUTE, MINUTE);
    }
    const { release } = await server(id);
    expect(release).toMatchObject({ because: { code: 'leaving' } });
    expect(Date.parse(release!.lastInputAt!)).toBeLessThanOrEqual(gone);
    expect(Date.parse(release!.leftAt!)).toBeLessThanOrEqual(gone + MINUTE);
  });

  it('notes input once a minute, without a word to anybody', async () => {
    const id = await leftAlone();
    world.agents.activities.set(id, { ...quiet(), pagesOpen: 1 });
    const seen = async () => (await server(id)).release?.lastInputAt;
    const before = (await server(id)).version;
    await as(world.ada).call(reportInput, { params: { id } });
    const first = await seen();
    world.clock.advance(59_000);
    await as(world.ada).call(reportInput, { params: { id } });
    expect(await seen()).toBe(first);
    world.clock.advance(1000);
    await as(world.ada).call(reportInput, { params: { id } });
    expect(await seen()).toBe(world.clock.now().toISOString());
    expect((await server(id)).version).toBe(before);
  });

  it('by a policy of its owner alone never ends', async () => {
    const { body } = await as(world.admin).call(createServer, {
      body: { name: 'hers', imageId, releasePolicy: 'manual' },
    });
    world.agents.activities.set(body.id, quiet());
    await world.rest(hub);
    await pass(200 * HOUR, 10 * HOUR);
    expect((await as(world.admin).call(getServer, { params: { id: body.id } })).body).toMatchObject({
      phase: 'running',
      release: { because: { code: 'manual' }, releaseAt: null },
    });
  });
});

describe('Keep', () => {
  it('puts the release off and takes the warning back, and never shortens', async () => {
    const id = await leftAlone();
    await pass(100 * MINUTE);
    const kept = (await as(world.ada).call(keepServer, { params: { id }, body: {} })).body;
    const until = new Date(world.clock.now().getTime() + 2 * HOUR).toISOString();
    expect(kept).toMatchObject({ because: { code: 'keep' }, keepUntil: until, releaseAt: until });
    const shorter = (await as(world.ada).call(keepServer, { params: { id }, body: { hours: 1 } })).body;
    expect(shorter.keepUntil).toBe(until);
    await pass(119 * MINUTE);
    expect((await server(id)).phase).toBe('running');
    await pass(MINUTE);
    expect((await server(id)).phase).toBe('stopped');
  });

  it.each([0, 25, -1, 'long'])('refuses %p hours and names the field', async (hours) => {
    const id = await leftAlone();
    const answer = await as(world.ada).send('POST', `/api/v1/servers/${id}/keep`, { hours });
    expect([answer.status, answer.fields]).toEqual([400, ['hours']]);
  });

  it('has nothing to keep of a stopped server', async () => {
    const id = await leftAlone();
    await as(world.ada).call(stopServer, { params: { id } });
    expect(await as(world.ada).call(keepServer, { params: { id }, body: {} })).toMatchObject({ status: 409 });
  });
});

describe('Release now', () => {
  it('answers what is freed, and frees it as soon as the container is gone', async () => {
    const id = await leftAlone('24h', { preset: 'gpu' });
    const held = (await server(id)).gpuIds;
    const { status, body } = await as(world.ada).call(releaseServer, { params: { id } });
    expect([status, body]).toEqual([202, { resources: { cpu: 2, memoryMb: 8192, gpu: 1 }, gpuIds: held }]);
    expect(held).toHaveLength(1);
    await world.rest(hub);
    expect(await server(id)).toMatchObject({ phase: 'stopped', reason: null, gpuIds: [] });
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ gpu: 0, cpu: 0 });
    expect(await as(world.ada).call(releaseServer, { params: { id } })).toMatchObject({ status: 409 });
  });
});

describe('the policy', () => {
  it('is the default of the role, can be chosen at the start and changed while it counts down', async () => {
    world.release.roles.user.default = '8h';
    const { body } = await as(world.ada).call(createServer, { body: { name: 'usual', imageId } });
    expect(body.releasePolicy).toBe('8h');
    world.agents.activities.set(body.id, quiet());
    await world.rest(hub);
    await pass(3 * HOUR);
    const { body: changed } = await as(world.ada).call(setReleasePolicy, {
      params: { id: body.id },
      body: { policy: '2h' },
    });
    const end = new Date(world.clock.now().getTime() + 30 * MINUTE).toISOString();
    expect(changed.state).toMatchObject({ policy: '2h', releaseAt: end });
    expect(changed.allowed).toEqual(world.release.roles.user.allowed);
  });

  it('that the role may not choose is refused and named', async () => {
    const body = { name: 'mine', imageId, releasePolicy: 'manual' as const };
    const created = await as(world.ada).call(createServer, { body });
    expect(created).toMatchObject({ status: 400, body: { fields: [{ path: 'releasePolicy' }] } });
    const id = await leftAlone();
    const set = await as(world.ada).call(setReleasePolicy, { params: { id }, body: { policy: 'manual' } });
    expect(set).toMatchObject({ status: 400, body: { fields: [{ path: 'policy' }] } });
    const byAdmin = await as(world.admin).call(setReleasePolicy, { params: { id }, body: { policy: 'manual' } });
    expect(byAdmin).toMatchObject({ status: 200, body: { state: { policy: 'manual' } } });
  });

  it('that is not allowed any more stays until the next start', async () => {
    const id = await leftAlone('6d');
    world.release.roles.user = { allowed: ['2h', '4h'], default: '4h' };
    expect((await server(id)).releasePolicy).toBe('6d');
    await as(world.ada).call(stopServer, { params: { id } });
    await world.rest(hub);
    await as(world.ada).call(startServer, { params: { id } });
    expect((await server(id)).releasePolicy).toBe('4h');
  });
});

describe('rights', () => {
  const calls = {
    getRelease: (client: TestClient, id: string) => client.call(getRelease, { params: { id } }),
    releaseServer: (client: TestClient, id: string) => client.call(releaseServer, { params: { id } }),
    keepServer: (client: TestClient, id: string) => client.call(keepServer, { params: { id }, body: {} }),
    setReleasePolicy: (client: TestClient, id: string) =>
      client.call(setReleasePolicy, { params: { id }, body: { policy: '4h' as const } }),
    reportInput: (client: TestClient, id: string) => client.call(reportInput, { params: { id } }),
  };

  it.each([
    ['getRelease', { ada: 200, bob: 404, teacher: 200, admin: 200 }],
    ['keepServer', { ada: 200, bob: 404, teacher: 403, admin: 200 }],
    ['setReleasePolicy', { ada: 200, bob: 404, teacher: 403, admin: 200 }],
    ['reportInput', { ada: 204, bob: 404, teacher: 403, admin: 403 }],
    ['releaseServer', { ada: 202, bob: 404, teacher: 202, admin: 202 }],
  ] as const)('%s: the owner, the owner’s teacher, admins, and nobody else', async (name, expected) => {
    const id = await leftAlone();
    const answers = {
      bob: (await calls[name](as(world.bob), id)).status,
      ada: (await calls[name](as(world.ada), id)).status,
      teacher: (await calls[name](as(teacher), id)).status,
      admin: (await calls[name](as(world.admin), id)).status,
    };
    expect(answers).toEqual(expected);
  });

  it.each(Object.keys(calls) as (keyof typeof calls)[])('%s: from inside a server only for that one', async (name) => {
    const id = await leftAlone();
    const within = (serverId: string): Actor => ({
      ...world.ada,
      scopes: new Set(['read', 'servers']),
      via: { kind: 'server', id: serverId },
      server: { id: serverId },
    });
    actors.set('inside', within(id));
    actors.set('elsewhere', within('another00000'));
    const from = (name: string) => new TestClient(served.url, { 'x-as': name });
    expect((await calls[name](from('elsewhere'), id)).status).toBe(404);
    expect((await calls[name](from('inside'), id)).status).toBeLessThan(300);
  });

  it.each(Object.keys(calls) as (keyof typeof calls)[])('%s knows no server that does not exist', async (name) => {
    expect((await calls[name](as(world.ada), 'nosuch000000')).status).toBe(404);
  });
});
