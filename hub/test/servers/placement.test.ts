import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { placementSchema, type Placement } from '@davit/contract';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import { FAKE_INVENTORY } from '../../src/drivers/spawner/fake/fakeEngine.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, type World } from './harness.ts';

const IMAGE = 'imgjupyter00';
const on = (pool: string): Placement => placementSchema.parse({ nodeSelector: { pool } });

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let hub: ServersDomain;
let placement: Placement | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  world = createWorld(database.db);
  placement = on('lab');
  const [node] = FAKE_INVENTORY.nodes;
  world.engine.inventory = { nodes: [{ ...node!, labels: { pool: 'lab' } }] };
  hub = world.hub({ placementOf: (userId) => Promise.resolve(userId === world.ada.userId ? placement : undefined) });
});
afterEach(() => world.end());

const start = async (actor = world.ada) => {
  const { id } = await hub.service.create(actor, { name: 'work', imageId: IMAGE, start: true });
  await world.rest(hub);
  return id;
};
const specOf = (id: string) => world.engine.of(id)!.spec;

describe('where a server runs', () => {
  it('is what its person’s groups say when it is started, and not for anybody else', async () => {
    expect(specOf(await start()).placement).toEqual(on('lab'));
    expect(specOf(await start(world.bob))).not.toHaveProperty('placement');
  });

  it('stays as it was when the start was asked for, until the next one', async () => {
    const { id } = await hub.service.create(world.ada, { name: 'work', imageId: IMAGE, start: true });
    placement = placementSchema.parse({ runtimeClassName: 'sandbox' });
    await world.rest(hub);
    expect(specOf(id)).toMatchObject({ generation: 1, placement: on('lab') });
    await hub.service.stop(world.ada, id);
    await world.rest(hub);
    await hub.service.start(world.ada, id);
    await world.rest(hub);
    expect(specOf(id)).toMatchObject({ generation: 2, placement: { runtimeClassName: 'sandbox', nodeSelector: {} } });
    placement = on('lab');
    await hub.service.reset(world.ada, id);
    await world.rest(hub);
    expect(specOf(id)).toMatchObject({ generation: 3, placement: on('lab') });
  });

  it('is told when there is no such machine, and it starts once there is', async () => {
    placement = on('gone');
    const id = await start();
    const { phase, reason, reasonDetail } = await hub.service.get(world.ada, id);
    expect(phase).toBe('queued');
    expect(reason).toMatch(/^Waits for a machine with the label pool=gone: the cluster has none\./);
    expect(reasonDetail).toMatchObject({ code: 'no-machine', params: { labels: 'pool=gone' } });
    const sizes = await hub.service.sizes(world.ada);
    expect(new Set(sizes.presets.map(({ fit }) => fit)).has('now')).toBe(false);
    const [node] = world.engine.inventory.nodes;
    world.engine.inventory = { nodes: [{ ...node!, labels: { pool: 'gone' } }] };
    world.clock.advance(10_000);
    await world.rest(hub);
    expect((await hub.service.get(world.ada, id)).phase).toBe('running');
  });
});
