import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreateServer } from '@davit/contract';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, type World } from './harness.ts';

const JUPYTER = 'imgjupyter00';
const asked = (name: string, changes: Partial<CreateServer> = {}): CreateServer => ({
  name,
  imageId: JUPYTER,
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

const running = async (name = 'work', changes: Partial<CreateServer> = {}) => {
  const { id } = await hub.service.create(world.ada, asked(name, changes));
  await world.rest(hub);
  return hub.service.get(world.ada, id);
};

describe('a server', () => {
  it('gets the variables of all servers, of which its image may set others', async () => {
    hub = world.hub({
      variables: { PIP_INDEX_URL: 'https://mirror.test/simple', NPM_CONFIG_REGISTRY: 'https://mirror.test' },
    });
    const environment = { NPM_CONFIG_REGISTRY: 'https://other.test' };
    Object.assign(world.images.images.get(JUPYTER)!.launch, { environment });
    const { id } = await running();
    expect(world.engine.of(id)!.spec.launch?.environment).toEqual({
      PIP_INDEX_URL: 'https://mirror.test/simple',
      ...environment,
    });
  });

  it('goes from queued to running and tells the proxy where it is', async () => {
    const created = await hub.service.create(world.ada, asked('work', { preset: 'medium' }));
    expect(created).toMatchObject({
      name: 'work',
      ownerName: 'ada',
      imageName: 'jupyterlab',
      phase: 'queued',
      generation: 1,
      resources: { cpu: 2, memoryMb: 4096, gpu: 0 },
      editors: ['jupyterlab'],
      readyEditors: [],
      startedAt: null,
    });
    await world.rest(hub);
    const server = await hub.service.get(world.ada, created.id);
    expect(server).toMatchObject({ phase: 'running', reason: null, readyEditors: ['jupyterlab'], progress: null });
    expect(server.startedAt).toBe('2030-01-01T00:00:00.000Z');
    const container = world.engine.of(created.id)!;
    expect(container.spec).toMatchObject({
      ownerId: 'ada000000000',
      serverName: 'work',
      userName: 'ada',
      generation: 1,
      image: { ref: 'localhost/davit/jupyterlab:1', digest: 'sha256:jupyterlab' },
      sources: ['default'],
      sharedWritable: false,
      basePath: '',
    });
    const target = hub.targets.find(created.id)!;
    expect(target).toMatchObject({ phase: 'running', endpoint: container.endpoint, readyEditors: ['jupyterlab'] });
    expect(target.secret).toBe(container.spec.secret);
    expect(world.agents.secrets.at(-1)).toBe(container.spec.secret);
    expect(world.events.every(({ event, userIds }) => event.type === 'server' && userIds[0] === 'ada000000000')).toBe(
      true,
    );
    const versions = world.events.map(({ event }) => event.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('is only created with start: false, and then started', async () => {
    const { id } = await hub.service.create(world.ada, asked('work', { start: false }));
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'stopped', generation: 0 });
    expect(world.engine.containers.size).toBe(0);
    await hub.service.start(world.ada, id);
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'running', generation: 1 });
  });

  it('stops: unreachable at once, its run and log are kept, what it held is free', async () => {
    const { id } = await running();
    world.engine.of(id)!.logs.push('hello', 'wor\0ld');
    const changes: (string | undefined)[] = [];
    hub.targets.onChange((_, target) => changes.push(target?.endpoint === undefined ? 'closed' : 'open'));
    world.clock.advance(60_000);
    expect(await hub.service.logs(world.ada, id, 1)).toEqual({ lines: ['wor\0ld'], source: 'container' });
    expect(await hub.service.stop(world.ada, id)).toMatchObject({ phase: 'stopping', readyEditors: [] });
    expect(changes).toEqual(['closed']);
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ servers: 1, cpu: 1 });
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({
      phase: 'stopped',
      reason: null,
      endedAt: '2030-01-01T00:01:00.000Z',
    });
    expect(world.engine.containers.size).toBe(0);
    expect(await hub.service.usageOf(world.ada.userId)).toEqual({ servers: 1, cpu: 0, memoryMb: 0, gpu: 0 });
    expect(await hub.service.logs(world.ada, id, 50)).toEqual({ lines: ['hello', 'world'], source: 'last-container' });
    expect(await world.runs()).toEqual([
      expect.objectContaining({
        server_id: id,
        owner_id: 'ada000000000',
        generation: 1,
        cpu: 1,
        started_at: new Date('2030-01-01T00:00:00Z'),
        ended_at: new Date('2030-01-01T00:01:00Z'),
        reason: 'stopped',
      }),
    ]);
  });

  it('is reset into a new container with a new secret', async () => {
    const { id } = await running();
    const before = world.engine.of(id)!;
    expect(await hub.service.reset(world.ada, id)).toMatchObject({ phase: 'starting', generation: 2 });
    expect(hub.targets.find(id)).toMatchObject({ endpoint: undefined, generation: 2 });
    await world.rest(hub);
    const after = world.engine.of(id)!;
    expect(after.ref.engineId).not.toBe(before.ref.engineId);
    expect(after.spec.secret).not.toBe(before.spec.secret);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'running', generation: 2 });
    expect((await world.runs()).map((run) => [run['generation'], run['reason']])).toEqual([
      [1, 'replaced'],
      [2, null],
    ]);
  });

  it('started while it stops, starts anew when the old container is gone', async () => {
    const { id } = await running();
    const release = world.engine.hold('remove');
    await hub.service.stop(world.ada, id);
    const stopping = hub.settle();
    while (world.engine.calls.remove === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await hub.service.start(world.ada, id)).toMatchObject({ phase: 'starting', generation: 2 });
    expect(world.engine.of(id)!.generation).toBe(1);
    release();
    await stopping;
    await world.rest(hub);
    expect(world.engine.of(id)!.generation).toBe(2);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'running', generation: 2 });
  });

  it('is deleted with its container, and its name is free at once', async () => {
    const { id } = await running();
    expect(await hub.service.delete(world.ada, id)).toMatchObject({ phase: 'deleting' });
    await expect(hub.service.start(world.ada, id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(hub.service.reset(world.ada, id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await hub.service.delete(world.ada, id)).toMatchObject({ phase: 'deleting' });
    await hub.service.create(world.ada, asked('work', { start: false }));
    await world.rest(hub);
    await expect(hub.service.get(world.ada, id)).rejects.toMatchObject({ code: 'not-found' });
    expect(world.engine.containers.size).toBe(0);
    expect(hub.targets.find(id)).toBeUndefined();
    expect((await world.runs())[0]).toMatchObject({ reason: 'deleted' });
  });

  it('leaves no log when it is deleted: neither that of its last container nor one that was kept before', async () => {
    const keptLogs = async () => (await world.db.query('SELECT lines FROM server_logs'))[0];
    const { id } = await running();
    world.engine.of(id)!.logs.push('a secret');
    await hub.service.reset(world.ada, id);
    await world.rest(hub);
    expect(await keptLogs()).toEqual([{ lines: ['a secret'] }]);
    world.engine.of(id)!.logs.push('another secret');
    const before = world.engine.calls.logs;
    await hub.service.delete(world.ada, id);
    await world.rest(hub);
    expect(await keptLogs()).toEqual([]);
    expect(world.engine.calls.logs).toBe(before);
  });

  it('takes start, stop and reset twice as once', async () => {
    const { id } = await running();
    expect(await hub.service.start(world.ada, id)).toMatchObject({ phase: 'running', generation: 1 });
    const first = await hub.service.stop(world.ada, id);
    expect(await hub.service.stop(world.ada, id)).toEqual(first);
    await world.rest(hub);
    expect(await hub.service.stop(world.ada, id)).toMatchObject({ phase: 'stopped' });
    expect(await hub.service.reset(world.ada, id)).toMatchObject({ generation: 2 });
    expect(await hub.service.reset(world.ada, id)).toMatchObject({ generation: 2 });
  });

  it('goes with its owner', async () => {
    const { id } = await running();
    await world.db.transaction((tx) => hub.service.onUserDeleted(world.ada.userId, tx));
    expect(hub.targets.find(id)).toMatchObject({ phase: 'deleting', endpoint: undefined });
    await world.rest(hub);
    expect(world.engine.containers.size).toBe(0);
    expect(hub.targets.find(id)).toBeUndefined();
  });

  it('without editors runs when its agent answers', async () => {
    const { id } = await hub.service.create(world.ada, asked('shell', { imageId: 'imgbase00000' }));
    world.agents.words.set(id, 'silent');
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'starting', reason: 'Starting the server' });
    world.agents.words.delete(id);
    world.clock.advance(1000);
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'running', editors: [] });
  });

  it('runs with the first of two editors, and tells when the second is there', async () => {
    const { id } = await hub.service.create(world.ada, asked('both', { imageId: 'imgboth00000' }));
    world.agents.words.set(id, {
      editors: [
        { name: 'jupyterlab', phase: 'ready' },
        { name: 'code-server', phase: 'starting' },
      ],
    });
    await world.rest(hub);
    const partly = await hub.service.get(world.ada, id);
    expect(partly).toMatchObject({ phase: 'running', readyEditors: ['jupyterlab'] });
    world.agents.words.delete(id);
    world.clock.advance(2000);
    await world.rest(hub);
    const all = await hub.service.get(world.ada, id);
    expect(all.readyEditors).toEqual(['jupyterlab', 'code-server']);
    expect(all.version).toBeGreaterThan(partly.version);
    expect(world.events.at(-1)!.event).toEqual({ type: 'server', id, version: all.version });
  });
});

describe('who works on a server', () => {
  it('is told by its agent or by an editor that reports it, for as long as was asked', async () => {
    const { id } = await running();
    const other = await running('other');
    const inUse = async () => [...(await hub.targets.inUse([id, other.id, 'gone00000000'], 60_000))];
    expect(await inUse()).toEqual([]);
    world.agents.activities.set(id, { lastInputAt: world.clock.now().toISOString(), pagesOpen: 1 });
    world.clock.advance(20_000);
    await world.rest(hub);
    expect(await inUse()).toEqual([id]);
    await hub.releases.noteInput(other.id);
    expect(await inUse()).toEqual([id, other.id]);
    world.clock.advance(50_000);
    expect(await inUse()).toEqual([other.id]);
    world.clock.advance(20_000);
    expect(await inUse()).toEqual([]);
  });
});

describe('ports', () => {
  it('are told as the agent names them, and each change at once; nothing of an agent that names none', async () => {
    const { id } = await hub.service.create(world.ada, asked('lab'));
    await world.rest(hub);
    expect((await hub.service.get(world.ada, id)).ports).toBeNull();
    const ports = [{ port: 8000, program: 'python app.py' }];
    world.agents.words.set(id, { editors: [{ name: 'jupyterlab' }], ports });
    const told = world.events.length;
    world.clock.advance(15_000);
    await world.rest(hub);
    expect((await hub.service.get(world.ada, id)).ports).toEqual(ports);
    expect(world.events.slice(told).map(({ event, userIds }) => [event.type, event.id, userIds])).toEqual([
      ['server', id, [world.ada.userId]],
    ]);
    world.clock.advance(15_000);
    await world.rest(hub);
    expect(world.events.slice(told)).toHaveLength(1);
    await hub.service.stop(world.ada, id);
    expect((await hub.service.get(world.ada, id)).ports).toBeNull();
  });
});

describe('image builds', () => {
  it('are told step by step, hold up nobody else, and a stop does not wait for them', async () => {
    const slow = world.images.add('imgslow00000', 'slow', ['desktop']);
    slow.ready = false;
    const { id } = await hub.service.create(world.ada, asked('slow', { imageId: 'imgslow00000' }));
    const settling = hub.settle();
    while (slow.builds.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    slow.builds[0]!.options.onProgress({ image: 'slow', step: 7, steps: 12, line: 'RUN x' });
    let server = await hub.service.get(world.ada, id);
    for (let tries = 0; server.progress === null && tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      server = await hub.service.get(world.ada, id);
    }
    expect(server).toMatchObject({
      phase: 'starting',
      reason: 'Building the image slow: step 7 of 12',
      reasonDetail: { code: 'building-image', params: { image: 'slow', step: 7, steps: 12 } },
      progress: 50,
    });
    const other = await hub.service.create(world.bob, asked('quick'));
    const others = hub.settle();
    while (world.engine.of(other.id) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    await hub.service.stop(world.ada, id);
    await hub.settle();
    await settling;
    await others;
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'stopped', progress: null });
    expect(await hub.service.get(world.bob, other.id)).toMatchObject({ phase: 'running' });
    expect(world.engine.of(id)).toBeUndefined();
  });

  it('that fail fail the server with the reason, and the next start tries again', async () => {
    const slow = world.images.add('imgslow00000', 'slow', ['desktop']);
    slow.ready = false;
    const { id } = await hub.service.create(world.ada, asked('slow', { imageId: 'imgslow00000' }));
    const settling = hub.settle();
    while (slow.builds.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    slow.builds[0]!.end('The image slow could not be built: no space left.');
    await settling;
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({
      phase: 'failed',
      reason: 'The image slow could not be built: no space left. Start the server again to try once more.',
      reasonDetail: { code: 'image-failed' },
    });
    expect(await hub.service.usageOf(world.ada.userId)).toMatchObject({ cpu: 0 });
    slow.ready = true;
    await hub.service.start(world.ada, id);
    await world.rest(hub);
    expect(await hub.service.get(world.ada, id)).toMatchObject({ phase: 'running', reason: null });
  });
});
