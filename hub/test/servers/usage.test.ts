import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import { createUsageDomain } from '../../src/domains/usage/index.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, type World } from './harness.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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

async function started(name = 'work'): Promise<string> {
  const { id } = await hub.service.create(world.ada, { name, imageId: 'imgjupyter00', start: true });
  await world.rest(hub);
  return id;
}

/** All that is counted, of all people and since ever. */
async function minutes(): Promise<number> {
  const usage = createUsageDomain({
    ...world,
    groups: { lookedAfter: () => Promise.resolve(undefined) },
    people: world.people,
  });
  const query = { scope: 'all', by: 'user', timeZone: 'UTC', from: '2029-12-01', to: '2030-12-31', limit: 50 } as const;
  const { items } = await usage.service.list(world.admin, query);
  return items.reduce((sum, row) => sum + row.minutes, 0);
}

/** Time goes by, and the hub looks as often as it does. */
async function pass(ms: number, everyMs = 10 * SECOND): Promise<void> {
  for (let gone = 0; gone < ms; gone += everyMs) {
    world.clock.advance(Math.min(everyMs, ms - gone));
    await hub.settle();
  }
}

describe('usage while all is well', () => {
  it('grows while a server runs and stays when it is stopped and deleted', async () => {
    const id = await started();
    await pass(10 * MINUTE, MINUTE);
    expect(await minutes()).toBe(10);
    await hub.service.stop(world.ada, id);
    await world.rest(hub);
    await pass(HOUR, HOUR);
    expect(await minutes()).toBe(10);
    await hub.service.delete(world.ada, id);
    await world.rest(hub);
    expect(await minutes()).toBe(10);
  });

  it('counts each container of a reset server once', async () => {
    const id = await started();
    await pass(5 * MINUTE, MINUTE);
    await hub.service.reset(world.ada, id);
    await world.rest(hub);
    await pass(5 * MINUTE, MINUTE);
    expect(await world.runs()).toHaveLength(2);
    expect(await minutes()).toBe(10);
  });

  it('is the same however often the hub starts anew, and with two hubs at work', async () => {
    await started();
    for (let turn = 0; turn < 5; turn += 1) {
      const other = world.hub();
      await pass(2 * MINUTE, MINUTE);
      await other.settle();
      await hub.stop();
      hub = other;
    }
    expect(await world.runs()).toHaveLength(1);
    expect(await minutes()).toBe(10);
  });
});

describe('a hub that was down for a day', () => {
  it('counts all of it when the container went on', async () => {
    await started();
    await pass(MINUTE);
    await hub.stop();
    world.clock.advance(DAY);
    hub = world.hub();
    await world.rest(hub);
    expect(await minutes()).toBe(24 * 60 + 1);
  });

  it('counts up to the end that the engine tells when it ended meanwhile', async () => {
    const id = await started();
    await pass(MINUTE);
    await hub.stop();
    world.clock.advance(HOUR);
    world.engine.exit(id, { exitCode: 1 });
    world.clock.advance(DAY);
    hub = world.hub();
    await world.rest(hub);
    expect(await minutes()).toBe(61);
  });

  it('counts up to when it was last seen when the engine lost it meanwhile', async () => {
    const id = await started();
    await pass(10 * MINUTE, MINUTE);
    await hub.stop();
    world.clock.advance(HOUR);
    world.engine.lose(id);
    world.clock.advance(DAY);
    hub = world.hub();
    expect(await minutes()).toBeLessThan(14);
    await pass(MINUTE);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'failed' });
    expect(await minutes()).toBe(10);
  });

  it('counts up to when it was last seen also when the server was stopped before anybody noticed', async () => {
    const id = await started();
    await pass(10 * MINUTE, MINUTE);
    await hub.stop();
    world.engine.lose(id);
    world.clock.advance(DAY);
    hub = world.hub();
    await hub.service.stop(world.ada, id);
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'stopped' });
    expect(await minutes()).toBe(10);
  });

  it('that had begun to remove a container counts until it really ended', async () => {
    const id = await started();
    await pass(10 * MINUTE, MINUTE);
    const letGo = world.engine.hold('remove');
    await hub.service.stop(world.ada, id);
    const ticking = hub.settle().catch(() => undefined);
    while (world.engine.calls.remove === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await hub.stop();
    await ticking;
    letGo();
    world.clock.advance(HOUR);
    world.engine.exit(id);
    world.clock.advance(DAY);
    hub = world.hub();
    await world.rest(hub);
    expect(world.engine.containers.size).toBe(0);
    expect(await minutes()).toBe(70);
  });
});

describe('an engine', () => {
  it('that is wiped ends what ran at the last look', async () => {
    const id = await started();
    await pass(2 * MINUTE);
    world.engine.lose(id);
    await pass(MINUTE);
    expect(await minutes()).toBe(2);
  });

  it('that does not answer for a day, and still has the container, loses nothing', async () => {
    await started();
    await pass(MINUTE);
    world.engine.reachable = false;
    await pass(DAY, 6 * HOUR);
    const meanwhile = await minutes();
    world.engine.reachable = true;
    await world.rest(hub);
    expect(meanwhile).toBeLessThan(5);
    expect(await minutes()).toBe(24 * 60 + 1);
  });

  it('that does not answer for a day and comes back empty counts up to the last look', async () => {
    const id = await started();
    await pass(MINUTE);
    world.engine.reachable = false;
    await pass(DAY, 6 * HOUR);
    world.engine.lose(id);
    world.engine.reachable = true;
    await pass(MINUTE);
    expect(await minutes()).toBe(1);
  });

  it('whose clock is set back, as nobody tells, gives no minutes, never fewer than none', async () => {
    const id = await started('first');
    world.clock.advance(-HOUR);
    world.engine.exit(id);
    await world.rest(hub);
    expect(await minutes()).toBe(0);
    await started('second');
    await pass(5 * MINUTE, MINUTE);
    expect(await minutes()).toBe(5);
  });
});

describe('a clock that is set', () => {
  /** While `id` runs; its agent tells from then on. */
  const set = (id: string, ms: number): void => {
    world.clock.advance(ms);
    world.agents.clockSteps.set(id, (world.agents.clockSteps.get(id) ?? 0) + ms);
  };
  const restart = async (): Promise<void> => {
    await hub.stop();
    hub = world.hub();
  };

  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('%s an hour while a hub looks neither loses nor doubles a minute', async (_, step) => {
    const id = await started();
    await pass(30 * MINUTE, MINUTE);
    set(id, step);
    await pass(MINUTE);
    expect(await minutes()).toBe(31);
    await restart();
    await pass(29 * MINUTE, MINUTE);
    expect(await minutes()).toBe(60);
    await hub.service.stop(world.ada, id);
    await world.rest(hub);
    await pass(2 * HOUR, HOUR);
    expect(await minutes()).toBe(60);
  });

  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('%s an hour while no hub is there is told to the next one', async (_, step) => {
    const id = await started();
    await pass(30 * MINUTE, MINUTE);
    await hub.stop();
    set(id, step);
    world.clock.advance(10 * MINUTE);
    hub = world.hub();
    await pass(MINUTE);
    expect(await minutes()).toBe(41);
    world.engine.exit(id);
    await world.rest(hub);
    await pass(2 * HOUR, HOUR);
    expect(await minutes()).toBe(41);
  });

  it('to and fro is counted with all that it was set, and a server that is started later not at all', async () => {
    const id = await started();
    await pass(10 * MINUTE, MINUTE);
    for (const step of [5 * HOUR, -2 * HOUR, -7 * HOUR, 900]) {
      set(id, step);
      await pass(10 * MINUTE, MINUTE);
      await restart();
    }
    await pass(10 * MINUTE, MINUTE);
    // Less than a second is no step, and counts by the clock.
    expect(await minutes()).toBeCloseTo(60 + 900 / MINUTE, 6);
    await hub.service.stop(world.ada, id);
    await world.rest(hub);
    const before = await minutes();
    world.agents.clockSteps.clear();
    await hub.service.start(world.ada, id);
    await world.rest(hub);
    await pass(10 * MINUTE, MINUTE);
    expect((await minutes()) - before).toBeCloseTo(10, 6);
  });

  it('back, before the engine loses a container, ends it when it was last seen', async () => {
    const id = await started();
    await pass(30 * MINUTE, MINUTE);
    set(id, -2 * HOUR);
    await pass(10 * MINUTE, MINUTE);
    await hub.stop();
    world.engine.lose(id);
    world.clock.advance(5 * HOUR);
    hub = world.hub();
    await pass(MINUTE);
    expect(await minutes()).toBe(40);
  });
});

it('agrees with the true life of each container whatever happens to servers, hub and engine', async () => {
  const random = seeded(11);
  const truth = new Map<string, { from: number; to: number | undefined }>();
  const look = (): void => {
    for (const { ref, startedAt, finishedAt } of world.engine.containers.values()) {
      if (startedAt !== undefined) truth.set(ref.engineId, { from: startedAt.getTime(), to: finishedAt?.getTime() });
    }
    for (const [id, life] of truth) {
      if (!world.engine.containers.has(id)) life.to ??= world.clock.now().getTime();
    }
  };
  const actor = world.people.add('eve000000000', 'user', { servers: 4, cpu: 100, memoryMb: 1_000_000 });
  world.engine.inventory = { nodes: [{ name: 'one', cpu: 64, memoryMb: 1_000_000, gpus: [], ready: true }] };
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    ids.push((await hub.service.create(actor, { name, imageId: 'imgjupyter00', start: true })).id);
  }
  await world.rest(hub);
  look();
  for (let step = 0; step < 150; step += 1) {
    const id = ids[Math.floor(random() * ids.length)] ?? '';
    const deed = Math.floor(random() * 7);
    if (deed === 0) await hub.service.start(actor, id);
    if (deed === 1) await hub.service.stop(actor, id);
    if (deed === 2) await hub.service.reset(actor, id);
    if (deed === 3 && world.engine.of(id)?.state === 'running') world.engine.exit(id, { exitCode: 1 });
    if (deed === 4) {
      await hub.stop();
      look();
      world.clock.advance(Math.floor(random() * 5 * HOUR));
      hub = world.hub();
    }
    if (deed === 5) world.engine.reachable = !world.engine.reachable;
    look();
    await world.rest(hub);
    look();
    world.clock.advance(Math.floor(random() * 20 * MINUTE));
  }
  world.engine.reachable = true;
  for (let turn = 0; turn < 3; turn += 1) await world.rest(hub);
  look();
  const now = world.clock.now().getTime();
  const expected = [...truth.values()].reduce((sum, { from, to = now }) => sum + to - from, 0) / MINUTE;
  expect(truth.size).toBeGreaterThan(20);
  expect(await minutes()).toBeCloseTo(expected, 6);
});

/** A small generator of numbers in [0, 1) that gives the same ones each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

it('that was killed right after the start of a container knows no later sight of it than that', async () => {
  const id = await started();
  world.engine.lose(id);
  world.clock.advance(DAY);
  hub = world.hub();
  await pass(MINUTE);
  expect(await minutes()).toBe(0);
});

it('does not write down each look', async () => {
  await started();
  await pass(MINUTE);
  const before = (await seenAt()) ?? 0;
  await pass(50 * SECOND);
  expect(await seenAt()).toBe(before);
  await pass(10 * SECOND);
  expect(await seenAt()).toBe(before + MINUTE);
});

async function seenAt(): Promise<number | undefined> {
  const [run] = await world.runs();
  return (run?.['seen_at'] as Date | null)?.getTime();
}
