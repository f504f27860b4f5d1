import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, type World } from './harness.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let hub: ServersDomain;
let id: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  world = createWorld(database.db);
  hub = world.hub();
  ({ id } = await hub.service.create(world.ada, { name: 'work', imageId: 'imgjupyter00', start: true }));
  await world.rest(hub);
});
afterEach(() => world.end());

/** How often the agent is asked while `seconds` go by; `looking` also asks for the measurements in each of them. */
async function questions(seconds: number, looking: boolean): Promise<number> {
  const before = world.agents.secrets.length;
  for (let second = 0; second < seconds; second += 1) {
    world.clock.advance(1000);
    if (looking) await hub.service.metrics(world.ada, id);
    await hub.settle();
  }
  return world.agents.secrets.length - before;
}

it('tells measurements with the limits of the container, and nothing once it is stopped', async () => {
  await questions(60, false);
  const { samples, limits, startedAt } = await hub.service.metrics(world.ada, id);
  expect(samples.length).toBeGreaterThanOrEqual(4);
  expect(samples.at(-1)).toMatchObject({ memoryBytes: 1, cpu: null, gpu: null });
  expect(limits).toEqual({ cpu: 1, memoryBytes: 2 * 2 ** 30, gpu: 0 });
  expect(startedAt).toBe('2030-01-01T00:00:00.000Z');
  await hub.service.stop(world.ada, id);
  await world.rest(hub);
  expect(await hub.service.metrics(world.ada, id)).toEqual({ samples: [], limits, startedAt: null });
});

it('asks the agent more often only while somebody looks, however many do', async () => {
  expect(await questions(60, false)).toBe(4);
  const watched = await questions(60, true);
  expect(watched).toBeGreaterThanOrEqual(14);
  expect(watched).toBeLessThanOrEqual(16);
  await questions(45, false);
  expect(await questions(60, false)).toBe(4);
});

it('is shown to the owner, an admin and a teacher of the owner', async () => {
  const tina = world.people.add('tina00000000', 'teacher');
  await expect(hub.service.metrics(tina, id)).rejects.toMatchObject({ code: 'not-found' });
  await expect(hub.service.metrics(world.bob, id)).rejects.toMatchObject({ code: 'not-found' });
  world.people.members.set(tina.userId, [world.ada.userId]);
  for (const actor of [world.ada, world.admin, tina]) {
    expect((await hub.service.metrics(actor, id)).samples).not.toEqual([]);
  }
  const inside = { ...world.ada, server: { id: 'another00000' } };
  await expect(hub.service.metrics(inside, id)).rejects.toMatchObject({ code: 'not-found' });
});
