import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServersDomain, Spawner } from '../../src/domains/servers/index.ts';
import { FakeSpawner, type FakeStep } from '../../src/drivers/spawner/fake/index.ts';
import { createTestDatabase } from '../database.ts';
import { until } from '../until.ts';
import { createWorld, type World } from './harness.ts';

type Call = 'inventory' | 'ensure' | 'endpoint' | 'logs' | 'remove';

/** Where a hub dies: before the engine hears of a call, or after the engine did it and before the hub knows. */
interface Death {
  call: Call;
  moment: 'before' | 'after';
}

/**
 * The spawner of a hub that dies at one point: from then on no call ever comes back, as if the process were gone. Only the
 * end of the test (the abort) lets go of what waits.
 */
function dyingSpawner(inner: Spawner, { call, moment }: Death): { spawner: Spawner; died: Promise<undefined> } {
  const { promise: died, resolve: die } = Promise.withResolvers<undefined>();
  let dead = false;
  const forever = (args: readonly unknown[]): Promise<never> => {
    dead = true;
    die(undefined);
    const signal = args.find((value) => value instanceof AbortSignal);
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const spawner = new Proxy(inner, {
    get: (target, name: keyof Spawner) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      if (name === 'watch' || name === 'dispose') return method;
      return async (...args: unknown[]) => {
        if (dead || (name === call && moment === 'before')) return forever(args);
        const result = await method(...args);
        return name === call ? forever(args) : result;
      };
    },
  });
  return { spawner, died };
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  world = createWorld(database.db);
});
afterEach(() => world.end());

const create = (hub: ServersDomain) =>
  hub.service.create(world.ada, { name: 'work', imageId: 'imgjupyter00', start: true });

/** Lets a hub work on until it dies; one that never reaches its death is a mistake of the test. */
async function workUntilDeath(hub: ServersDomain, died: Promise<undefined>): Promise<void> {
  let dead = false;
  void died.then(() => (dead = true));
  const work = async (): Promise<void> => {
    for (let turn = 0; turn < 6 && !dead; turn += 1) await hub.settle();
    if (!dead) throw new Error('the hub did not die');
  };
  await Promise.race([died, work()]);
}

const deaths = (...calls: Call[]): Death[] =>
  calls.flatMap((call) => [
    { call, moment: 'before' as const },
    { call, moment: 'after' as const },
  ]);

/** The same end whatever happened: one container that runs, one run, no resources counted twice. */
async function expectRunning(hub: ServersDomain, id: string, generation: number): Promise<void> {
  await world.rest(hub);
  expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'running', generation, reason: null });
  expect([...world.engine.containers.values()].map((one) => [one.state, one.generation])).toEqual([
    ['running', generation],
  ]);
  const runs = await world.runs();
  expect(runs.filter((run) => run['ended_at'] === null)).toHaveLength(1);
  expect(runs.map((run) => run['generation'])).toEqual(Array.from({ length: generation }, (_, n) => n + 1));
  expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 1 });
  expect(hub.targets.find(id)!.endpoint).toEqual(world.engine.of(id)!.endpoint);
}

async function expectNothingLeft(hub: ServersDomain): Promise<void> {
  expect(world.engine.containers.size).toBe(0);
  const runs = await world.runs();
  expect(runs).toHaveLength(1);
  expect(runs[0]!['ended_at']).not.toBeNull();
  expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 0, memoryMb: 0, gpu: 0 });
}

describe('a hub killed while a server starts', () => {
  it.each(deaths('inventory', 'ensure', 'endpoint'))('$moment $call: the next one brings it up', async (death) => {
    const { spawner, died } = dyingSpawner(new FakeSpawner({ engine: world.engine, instanceId: 'one' }), death);
    const first = world.hub({ spawner });
    const { id } = await create(first);
    await workUntilDeath(first, died);
    await expectRunning(world.hub(), id, 1);
  });

  it.each<FakeStep>(['create', 'start', 'isolate'])(
    'inside the engine after %s: the next one finishes it',
    async (step) => {
      const first = world.hub();
      const { id } = await create(first);
      world.engine.crashAfter(step);
      await first.settle();
      expect(world.engine.of(id)).toBeDefined();
      await expectRunning(world.hub(), id, 1);
    },
  );
});

describe('a hub killed while a server stops', () => {
  it.each(deaths('logs', 'remove'))('$moment $call: the next one stops it', async (death) => {
    const { spawner, died } = dyingSpawner(new FakeSpawner({ engine: world.engine, instanceId: 'one' }), death);
    const first = world.hub({ spawner });
    const { id } = await create(first);
    await world.rest(first);
    world.engine.of(id)!.logs.push('last words');
    await first.service.stop(world.ada, id);
    await workUntilDeath(first, died);
    const next = world.hub();
    await world.rest(next);
    expect(await next.service.get(world.ada, id)).toMatchObject({ phase: 'stopped', reason: null });
    await expectNothingLeft(next);
    expect((await next.service.logs(world.ada, id, 5)).lines).toEqual(['last words']);
  });
});

describe('a hub killed while a server is reset', () => {
  it.each(deaths('logs', 'remove', 'ensure'))('$moment $call: the next one brings it up', async (death) => {
    const plain = world.hub();
    const { id } = await create(plain);
    await world.rest(plain);
    const { spawner, died } = dyingSpawner(new FakeSpawner({ engine: world.engine, instanceId: 'one' }), death);
    const first = world.hub({ spawner });
    await first.service.reset(world.ada, id);
    await workUntilDeath(first, died);
    await expectRunning(world.hub(), id, 2);
  });
});

describe('a hub killed while a server is deleted', () => {
  it.each(deaths('remove'))('$moment $call: the next one deletes it', async (death) => {
    const { spawner, died } = dyingSpawner(new FakeSpawner({ engine: world.engine, instanceId: 'one' }), death);
    const first = world.hub({ spawner });
    const { id } = await create(first);
    await world.rest(first);
    await first.service.delete(world.ada, id);
    await workUntilDeath(first, died);
    const next = world.hub();
    await world.rest(next);
    await expect(next.service.get(world.ada, id)).rejects.toMatchObject({ code: 'not-found' });
    await expectNothingLeft(next);
  });
});

describe('a hub killed while a failed server is cleaned up', () => {
  it.each(deaths('logs', 'remove'))('$moment $call: the reason, the code and the log stay', async (death) => {
    const { spawner, died } = dyingSpawner(new FakeSpawner({ engine: world.engine, instanceId: 'one' }), death);
    const first = world.hub({ spawner });
    const { id } = await create(first);
    await world.rest(first);
    world.engine.of(id)!.logs.push('boom');
    world.engine.exit(id, { exitCode: 3 });
    await workUntilDeath(first, died);
    const next = world.hub();
    await world.rest(next);
    expect(await next.service.get(world.ada, id)).toMatchObject({
      phase: 'failed',
      exitCode: 3,
      reasonDetail: { code: 'exited' },
    });
    await expectNothingLeft(next);
    expect((await world.runs())[0]).toMatchObject({ exit_code: 3, reason: 'exited' });
    expect((await next.service.logs(world.ada, id, 5)).lines).toEqual(['boom']);
  });
});

it('a hub that starts adopts what runs: nothing is started, ended or written', async () => {
  const first = world.hub();
  const { id } = await create(first);
  await world.rest(first);
  const before = await first.service.get(world.ada, id);
  const { ensure, remove } = world.engine.calls;
  const next = world.hub();
  await next.start();
  await world.rest(next);
  expect(world.engine.calls).toMatchObject({ ensure, remove });
  const after = await next.service.get(world.ada, id);
  expect(after).toEqual({ ...before, version: after.version });
  expect(next.targets.find(id)).toEqual(first.targets.find(id));
});

it('a hub that starts has looked once it knows the way to each server whose agent answers', async () => {
  const first = world.hub();
  const { id } = await create(first);
  const silent = await first.service.create(world.ada, { name: 'silent', imageId: 'imgjupyter00', start: true });
  await world.rest(first);
  world.agents.words.set(silent.id, 'silent');
  const release = world.engine.hold('list');
  const next = world.hub();
  await next.start();
  expect(next.hasLooked()).toBe(false);
  release();
  await until(() => next.hasLooked());
  expect(next.targets.find(id)?.readyEditors).toEqual(['jupyterlab']);
});

it('a hub that starts has looked, too, when the engine does not answer', async () => {
  world.engine.reachable = false;
  const hub = world.hub();
  await hub.start();
  await until(() => hub.hasLooked());
  expect(hub.engineAnswers()).toBe(false);
});
