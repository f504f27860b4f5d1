import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CreateServer } from '@davit/contract';
import { SpawnRefused, SpawnWaits, type ServersDomain } from '../../src/domains/servers/index.ts';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import { FakeSpawner } from '../../src/drivers/spawner/fake/index.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, type World } from './harness.ts';

const asked = (name: string, changes: Partial<CreateServer> = {}): CreateServer => ({
  name,
  imageId: 'imgjupyter00',
  start: true,
  ...changes,
});

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let hub: ServersDomain;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  world = createWorld(database.db);
  hub = world.hub();
});
afterEach(() => world.end());

const get = (id: string) => hub.service.get(world.ada, id);
const running = async (changes: Partial<CreateServer> = {}) => {
  const { id } = await hub.service.create(world.ada, asked('work', changes));
  await world.rest(hub);
  expect(await get(id)).toMatchObject({ phase: 'running' });
  return id;
};

describe('a container that ends', () => {
  it('shows why, keeps its log, is removed, and can be started again', async () => {
    const id = await running();
    world.engine.of(id)!.logs.push('Traceback: boom');
    world.clock.advance(30_000);
    world.engine.exit(id, { exitCode: 1 });
    world.clock.advance(30_000);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({
      phase: 'failed',
      exitCode: 1,
      endedAt: '2030-01-01T00:00:30.000Z',
      reason: 'The server ended by itself (exit code 1). Look at the logs, then start it again; /data is kept.',
      reasonDetail: { code: 'exited', params: { exitCode: 1 } },
    });
    expect(world.engine.containers.size).toBe(0);
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 0 });
    expect(await hub.service.logs(world.ada, id, 10)).toEqual({ lines: ['Traceback: boom'], source: 'last-container' });
    expect(await world.runs()).toEqual([
      expect.objectContaining({ exit_code: 1, reason: 'exited', ended_at: new Date('2030-01-01T00:00:30Z') }),
    ]);
    await hub.service.start(world.ada, id);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running', generation: 2, exitCode: null, reason: null });
  });

  it('for lack of memory says so and what to do', async () => {
    const id = await running({ resources: { memoryMb: 1024 } });
    world.engine.exit(id, { exitCode: 137, outOfMemory: true });
    await world.rest(hub);
    expect(await get(id)).toMatchObject({
      phase: 'failed',
      reason: 'The server ran out of memory (limit 1 GiB). Start it with more memory, or let it use less at once.',
      reasonDetail: { code: 'out-of-memory' },
    });
  });

  it('behind the hub’s back is lost, once that is sure', async () => {
    const id = await running();
    world.engine.lose(id);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running' });
    world.clock.advance(10_000);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'failed', reasonDetail: { code: 'lost' } });
    expect(await world.runs()).toEqual([
      expect.objectContaining({ reason: 'lost', ended_at: new Date('2030-01-01T00:00:00Z') }),
    ]);
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 0 });
  });

  it('is removed although its log cannot be read', async () => {
    const id = await running();
    world.engine.fail('logs', new Error('no such log'));
    world.engine.exit(id, { exitCode: 1 });
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'failed' });
    expect(world.engine.containers.size).toBe(0);
    expect(await hub.service.logs(world.ada, id, 10)).toEqual({ lines: [], source: 'none' });
  });

  it('that cannot be removed keeps its resources until it can', async () => {
    const id = await running();
    world.engine.fail('remove', new Error('device busy'), 3);
    await hub.service.stop(world.ada, id);
    await hub.settle();
    expect(await get(id)).toMatchObject({ phase: 'stopping' });
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 1 });
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'stopped' });
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 0 });
  });
});

describe('a server on a machine that does not answer', () => {
  it('is unknown, and its card and name stay its own until it is really gone', async () => {
    const gpus = [{ id: 'g0', kind: 'Fake', declared: true }];
    world.engine.inventory = { nodes: [{ name: 'a', cpu: 2, memoryMb: 16_384, gpus, ready: true }] };
    const resources = { cpu: 0.5, memoryMb: 512, gpu: 1 };
    const id = await running({ resources });
    world.engine.of(id)!.reason = { code: 'engine-unreachable', message: 'The machine a does not answer.', params: {} };
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'unknown', reasonDetail: { code: 'engine-unreachable' } });
    const next = (await hub.service.create(world.bob, asked('next', { resources }))).id;
    const waits = { phase: 'queued', reasonDetail: { code: 'no-free-gpu' } };
    await world.rest(hub);
    expect(await hub.service.get(world.bob, next)).toMatchObject(waits);

    world.engine.fail('remove', new Error('The machine a does not answer.'), 3);
    await hub.service.stop(world.ada, id);
    await hub.settle();
    expect(await get(id)).toMatchObject({ phase: 'stopping' });
    expect(await hub.service.get(world.bob, next)).toMatchObject(waits);
    await expect(hub.service.create(world.ada, asked('work'))).rejects.toMatchObject({ code: 'conflict' });

    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'stopped' });
    expect(await hub.service.get(world.bob, next)).toMatchObject({ phase: 'running' });
  });
});

describe('an engine', () => {
  it('that does not answer makes running servers unknown, ends none, and all come back by themselves', async () => {
    const id = await running();
    const failed = (await hub.service.create(world.ada, asked('failed', { imageId: 'imgbase00000' }))).id;
    await world.rest(hub);
    world.engine.exit(failed, { exitCode: 1 });
    await world.rest(hub);
    expect(hub.engineAnswers()).toBe(true);
    world.engine.reachable = false;
    await hub.settle();
    expect(await get(id)).toMatchObject({ phase: 'running' });
    expect(hub.engineAnswers()).toBe(false);
    await world.rest(hub);
    const unknown = await get(id);
    expect(unknown).toMatchObject({ phase: 'unknown', reasonDetail: { code: 'engine-unreachable' } });
    expect(await get(failed)).toMatchObject({ phase: 'failed', reasonDetail: { code: 'exited' } });
    expect(hub.targets.find(id)!.endpoint).toEqual(world.engine.of(id)!.endpoint);
    world.clock.advance(600_000);
    await world.rest(hub);
    expect((await get(id)).version).toBe(unknown.version);
    const queued = (await hub.service.create(world.ada, asked('later'))).id;
    await world.rest(hub);
    expect(await get(queued)).toMatchObject({ phase: 'queued', reasonDetail: { code: 'engine-unreachable' } });
    world.engine.reachable = true;
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running', reason: null, generation: 1 });
    expect(await get(queued)).toMatchObject({ phase: 'running', reason: null });
    expect(hub.engineAnswers()).toBe(true);
    expect(world.engine.calls.remove).toBe(1);
  });

  it('that fails for a moment is asked again, later each time', async () => {
    world.engine.fail('ensure', new Error('connection reset'), 2);
    const { id } = await hub.service.create(world.ada, asked('work'));
    await world.rest(hub);
    expect(await get(id)).toMatchObject({
      phase: 'starting',
      reason: 'Creating the container again. The engine failed before: connection reset',
    });
    expect(world.engine.calls.ensure).toBe(1);
    world.clock.advance(1000);
    await world.rest(hub);
    expect(world.engine.calls.ensure).toBe(2);
    world.clock.advance(1999);
    await world.rest(hub);
    expect(world.engine.calls.ensure).toBe(2);
    world.clock.advance(1);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running', generation: 1 });
  });

  it('that keeps failing fails the server in the end', async () => {
    world.engine.fail('ensure', new Error('no more inodes'), 100);
    const { id } = await hub.service.create(world.ada, asked('work'));
    for (let turn = 0; turn < 6; turn += 1) {
      await world.rest(hub);
      world.clock.advance(20_000);
    }
    expect(await get(id)).toMatchObject({
      phase: 'failed',
      reason: 'The container engine could not start the server: no more inodes',
    });
    expect(world.engine.calls.ensure).toBe(5);
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 0 });
  });

  it('that refuses for good fails the server at once and leaves nothing behind', async () => {
    world.engine.fail('ensure', new SpawnRefused('The image is gone.'));
    const { id } = await hub.service.create(world.ada, asked('work'));
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'failed', reasonDetail: { code: 'engine-refused' } });
    expect(world.engine.calls.ensure).toBe(1);
  });

  it('that has no room now is asked again and again, and why is told', async () => {
    const reason = { code: 'no-free-cpu' as const, message: 'Waits: the quota is used up.', params: {} };
    world.engine.fail('ensure', new SpawnWaits(reason), 8);
    const { id } = await hub.service.create(world.ada, asked('work'));
    for (let n = 0; n < 8; n += 1) {
      await world.rest(hub);
      expect(await get(id)).toMatchObject({ phase: 'starting', reason: reason.message, reasonDetail: reason });
      world.clock.advance(10_000);
    }
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running' });
  });

  it('that is short of disk starts nothing and says so', async () => {
    world.engine.inventory = { ...world.engine.inventory, disk: { freeMb: 1024, totalMb: 102_400 } };
    const { id } = await hub.service.create(world.ada, asked('work'));
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'queued', reasonDetail: { code: 'low-disk' } });
    world.engine.inventory = { ...world.engine.inventory, disk: { freeMb: 51_200, totalMb: 102_400 } };
    world.clock.advance(6000);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running' });
  });

  it('with containers that no row wants keeps them for a minute, then removes only those', async () => {
    const id = await running();
    const spec = { ...world.engine.of(id)!.spec, serverId: 'stranger0000', ownerId: 'nobody000000' };
    await new FakeSpawner({ engine: world.engine, instanceId: 'one' }).ensure(spec, AbortSignal.timeout(1000));
    await new FakeSpawner({ engine: world.engine, instanceId: 'two' }).ensure(spec, AbortSignal.timeout(1000));
    await world.rest(hub);
    world.clock.advance(59_000);
    await world.rest(hub);
    expect(world.engine.containers.size).toBe(3);
    world.clock.advance(1000);
    await world.rest(hub);
    expect([...world.engine.containers.values()].map((one) => [one.instanceId, one.ref.serverId])).toEqual([
      ['one', id],
      ['two', 'stranger0000'],
    ]);
  });
});

it('a database that fails for a moment costs nothing: the container that was made is adopted', async () => {
  const { id } = await hub.service.create(world.ada, asked('work'));
  const query = world.db.query.bind(world.db) as (...args: unknown[]) => Promise<unknown>;
  let failed = 0;
  const broken = jest.spyOn(world.db, 'query').mockImplementation(((...args: unknown[]) => {
    const isWrite = String(args[0]).startsWith('UPDATE servers');
    if (!isWrite || world.engine.calls.ensure === 0 || failed > 0) return query(...args);
    failed += 1;
    return Promise.reject(new Error('Connection terminated unexpectedly'));
  }) as never);
  await world.rest(hub);
  broken.mockRestore();
  await world.rest(hub);
  expect(failed).toBe(1);
  expect(await get(id)).toMatchObject({ phase: 'running', generation: 1, reason: null });
  expect(world.engine.calls.ensure).toBe(1);
  expect(await world.runs()).toHaveLength(1);
});

describe('an agent', () => {
  it('that is silent makes the server unknown after a while; its answer brings it back', async () => {
    const id = await running();
    world.agents.words.set(id, 'silent');
    world.clock.advance(60_000);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running' });
    world.clock.advance(61_000);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'unknown', reasonDetail: { code: 'agent-silent' } });
    world.agents.words.delete(id);
    world.clock.advance(15_000);
    await world.rest(hub);
    expect(await get(id)).toMatchObject({ phase: 'running', reason: null });
    expect(world.engine.of(id)!.generation).toBe(1);
  });

  it('whose editor never comes up fails the server with the editor’s last words', async () => {
    const { id } = await hub.service.create(world.ada, asked('work'));
    world.agents.words.set(id, {
      editors: [{ name: 'jupyterlab', phase: 'failed', restarts: 6, message: 'exit code 1' }],
    });
    await world.rest(hub);
    expect(await get(id)).toMatchObject({
      phase: 'failed',
      reason: 'JupyterLab ended 6 times: exit code 1. Look at the logs.',
    });
    expect(world.engine.containers.size).toBe(0);
  });
});

describe('a server that goes on', () => {
  it('tells for a while that a program in it was killed for lack of memory, and again after the next one', async () => {
    hub = world.hub({ timing: { memoryTold: 90_000 } });
    const id = await running({ resources: { memoryMb: 1024 } });
    const later = async (ms: number) => {
      world.clock.advance(ms);
      await world.rest(hub);
      return get(id);
    };
    const kills = (oomKills: number) => world.agents.words.set(id, { editors: [{ name: 'jupyterlab' }], oomKills });
    kills(1);
    const told = await later(15_000);
    expect(told).toMatchObject({
      phase: 'running',
      reason: expect.stringContaining('stopped because the 1 GiB of this server were used up'),
      reasonDetail: { code: 'out-of-memory', params: { memoryMb: 1024, kills: 1 } },
    });
    expect((await later(60_000)).version).toBe(told.version);
    expect(await later(30_000)).toMatchObject({ phase: 'running', reason: null });
    kills(3);
    expect(await later(15_000)).toMatchObject({ phase: 'running', reasonDetail: { params: { kills: 3 } } });

    await hub.service.reset(world.ada, id);
    world.agents.words.delete(id);
    expect(await later(0)).toMatchObject({ phase: 'running', generation: 2, reason: null });
  });
});

describe('a server that writes outside of /data', () => {
  const MIB = 1024 * 1024;
  let id: string;
  const look = async (mb: number, ms = 60_000) => {
    const container = world.engine.of(id);
    if (container !== undefined) container.written = mb * MIB;
    world.clock.advance(ms);
    await world.rest(hub);
    return get(id);
  };
  const watching = async (diskLimitMb?: number): Promise<void> => {
    hub = world.hub({ diskLimitMb });
    id = await running();
  };

  it('is warned, then stopped with the reason; the next start begins afresh', async () => {
    await watching(1000);
    expect(await look(500)).toMatchObject({ phase: 'running', reason: null });
    expect(await look(900)).toMatchObject({
      phase: 'running',
      reasonDetail: { code: 'disk-limit', params: { percent: 90, limitMb: 1000 } },
    });
    expect(await look(700)).toMatchObject({ phase: 'running', reason: null });
    expect(await look(1001)).toMatchObject({
      phase: 'failed',
      reason: expect.stringContaining('more than the 1000 MiB'),
      reasonDetail: { code: 'disk-limit', params: { limitMb: 1000 } },
    });
    expect(world.engine.containers.size).toBe(0);
    expect(await world.runs()).toEqual([expect.objectContaining({ reason: 'disk-limit' })]);
    await hub.service.start(world.ada, id);
    expect(await look(0)).toMatchObject({ phase: 'running', generation: 2, reason: null });
  });

  it('is looked at every few seconds, or once a minute where that takes long, and not at all without a limit', async () => {
    await watching(1000);
    const { writtenBytes } = world.engine.calls;
    await look(10, 4_000);
    expect(world.engine.calls.writtenBytes).toBe(writtenBytes);
    const release = world.engine.hold('writtenBytes');
    const slow = look(10, 1_000);
    await eventually(() => Promise.resolve(world.engine.calls.writtenBytes > writtenBytes || undefined));
    await sleep(100);
    release();
    await slow;
    expect(world.engine.calls.writtenBytes).toBe(writtenBytes + 1);
    await look(10, 45_000);
    expect(world.engine.calls.writtenBytes).toBe(writtenBytes + 1);
    await look(10, 15_000);
    expect(world.engine.calls.writtenBytes).toBe(writtenBytes + 2);
    await hub.stop();
    hub = world.hub({ diskLimitMb: 0 });
    expect(await look(99_999)).toMatchObject({ phase: 'running', reason: null });
    expect(world.engine.calls.writtenBytes).toBe(writtenBytes + 2);
  });

  it('keeps what was known of it while the engine cannot tell, and holds nobody else up', async () => {
    await watching(1000);
    expect(await look(950)).toMatchObject({ reasonDetail: { params: { percent: 95 } } });
    world.engine.fail('writtenBytes', new Error('The disk is busy.'));
    expect(await look(2000)).toMatchObject({ phase: 'running', reasonDetail: { params: { percent: 95 } } });
    const release = world.engine.hold('writtenBytes');
    world.clock.advance(60_000);
    const { writtenBytes } = world.engine.calls;
    await hub.start();
    const other = await hub.service.create(world.ada, asked('other'));
    await eventually(async () => (await get(other.id)).phase === 'running' || undefined);
    expect(world.engine.calls.writtenBytes).toBe(writtenBytes + 1);
    release();
    await eventually(async () => (await get(id)).phase === 'failed' || undefined);
    expect(await get(id)).toMatchObject({ reasonDetail: { code: 'disk-limit' } });
  });
});

describe('many at once', () => {
  it('50 requests for one free slot give exactly one server', async () => {
    const eve = world.people.add('eve000000000', 'user', { servers: 1 });
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) => hub.service.create(eve, asked(`s${n}`))),
    );
    const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason as unknown);
    expect(refused).toHaveLength(49);
    for (const error of refused) {
      expect(error).toMatchObject({
        code: 'quota-exceeded',
        message: '1 of 1 servers of your quota are used up. Delete one, or ask an admin for more.',
        details: { resource: 'servers', limit: 1, used: 1, asked: 1 },
      });
    }
  });

  it('50 starts for one free GPU of the quota give exactly one', async () => {
    const eve = world.people.add('eve000000000', 'user', { servers: 50 });
    world.engine.inventory = {
      nodes: [
        { name: 'fake', cpu: 2, memoryMb: 99_999, gpus: [{ id: 'g0', kind: 'Fake', declared: true }], ready: true },
      ],
    };
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const size = { resources: { cpu: 0.1, memoryMb: 128, gpu: 1 }, start: false };
      ids.push((await hub.service.create(eve, asked(`s${n}`, size))).id);
    }
    const results = await Promise.allSettled(ids.map((id) => hub.service.start(eve, id)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('two hubs never give one card to two servers', async () => {
    world.engine.inventory = {
      nodes: [
        {
          name: 'fake',
          cpu: 8,
          memoryMb: 99_999,
          gpus: ['g0', 'g1', 'g2'].map((id) => ({ id, kind: 'Fake', declared: true })),
          ready: true,
        },
      ],
    };
    const other = world.hub();
    const eve = world.people.add('eve000000000', 'user', { servers: 50, gpu: 50, cpu: 50, memoryMb: 99_999 });
    for (let n = 0; n < 6; n += 1) {
      await hub.service.create(eve, asked(`s${n}`, { resources: { cpu: 0.1, memoryMb: 128, gpu: 1 } }));
      world.clock.advance(1);
    }
    for (let turn = 0; turn < 4; turn += 1) await Promise.all([hub.settle(), other.settle()]);
    const servers = (await hub.service.list(eve, { limit: 50, scope: 'own' })).items.reverse();
    expect(servers.map((server) => [server.phase, ...server.gpuIds])).toEqual([
      ['running', 'g0'],
      ['running', 'g1'],
      ['running', 'g2'],
      ['queued'],
      ['queued'],
      ['queued'],
    ]);
    expect(servers[4]).toMatchObject({ reason: 'Waits for a free GPU: 3 of 3 in use; 2nd in the queue' });
    expect(world.engine.containers.size).toBe(3);
    await hub.service.stop(eve, servers[1]!.id);
    await world.rest(hub);
    expect(await hub.service.get(eve, servers[3]!.id)).toMatchObject({ phase: 'running', gpuIds: ['g1'] });
    expect(await hub.service.get(eve, servers[1]!.id)).toMatchObject({ phase: 'stopped', gpuIds: [] });
  });
});

it('at rest asks the database and the engine once per tick, however many servers are kept', async () => {
  const eve = world.people.add('eve000000000', 'user', { servers: 100 });
  for (let n = 0; n < 50; n += 1) await hub.service.create(eve, asked(`s${n}`, { start: false }));
  await world.rest(hub);
  const before = { ...world.engine.calls };
  const queries = jest.spyOn(world.db, 'query');
  await hub.settle();
  // The look for old tokens has a loop of its own, once a minute.
  const ofTokens = queries.mock.calls.filter(([sql]) => JSON.stringify(sql).includes('server_tokens'));
  expect(ofTokens).toHaveLength(2);
  expect(queries).toHaveBeenCalledTimes(1 + ofTokens.length);
  expect(world.engine.calls).toEqual({ ...before, list: before.list + 1 });
});
