import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cancelImageJob,
  getImageJob,
  getImageJobLog,
  listImageJobs,
  listImages,
  previewSave,
  saveServer,
  type ImageJob,
} from '@davit/contract';
import { createImagesDomain, type ImageSource, type ImagesDomain } from '../../src/domains/images/index.ts';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import { SpawnRefused } from '../../src/domains/servers/index.ts';
import { boundToServer, type Actor } from '../../src/platform/auth.ts';
import { Bus, type BusMessage } from '../../src/platform/bus.ts';
import { ApiRouter } from '../../src/platform/http.ts';
import { createLog } from '../../src/platform/log.ts';
import { serveApi, TestClient, type Answer } from '../apiHarness.ts';
import { createTestDatabase } from '../database.ts';
import { imageDoubles } from '../imageDoubles.ts';
import { createWorld, type World } from './harness.ts';

const MIB = 1024 * 1024;
const IMAGE = 'imgboth00000';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let servers: ServersDomain;
let images: ImagesDomain;
let served: Awaited<ReturnType<typeof serveApi>>;
let messages: BusMessage[];
let actors: Map<string, Actor>;
const as = (actor: Actor): TestClient => new TestClient(served.url, { 'x-as': actor.userId });

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  world = createWorld(database.db);
  await database.db
    .query(`INSERT INTO images (id, name, version, title, description, visibility, editors, phase, created_at)
    VALUES ('${IMAGE}', 'both', '1', 'Both', '', 'public', '["jupyterlab", "code-server"]', 'ready', now())`);
  actors = new Map([world.ada, world.bob, world.admin].map((actor) => [actor.userId, actor]));
  messages = [];
  servers = world.hub();
  images = boot();
  const api = new ApiRouter();
  images.routes(api);
  served = await serveApi(api, (headers) => Promise.resolve(actors.get(String(headers['x-as']))));
});
afterEach(async () => {
  await served.close();
  await images.stop();
  await world.end();
  await database.db.query('TRUNCATE images, image_locations, image_jobs CASCADE');
});

/** Finds what the fake engine saved. */
const source: ImageSource = {
  catalogue: () => [],
  present: () => Promise.resolve(undefined),
  locate: (digest) => Promise.resolve([...world.engine.images.values()].find((location) => location.digest === digest)),
  ensure: () => Promise.reject(new Error('nothing is built here')),
};

/** A hub's images; several of them play its restarts. */
function boot(): ImagesDomain {
  const bus = new Bus();
  bus.subscribe((message) => messages.push(message));
  const { clock, db } = world;
  const log = createLog('silent');
  return createImagesDomain({
    db,
    bus,
    clock,
    log,
    source,
    engine: 'fake',
    servers: () => servers.saver,
    ...imageDoubles(),
  });
}

async function running(actor = world.ada, name = 'My work (2)'): Promise<string> {
  const { id } = await servers.service.create(actor, { name, imageId: IMAGE, start: true });
  await world.rest(servers);
  return id;
}

const save = (actor: Actor, id: string, body: { name: string; version: string; description?: string }) =>
  as(actor).call(saveServer, { params: { id }, body });
const job = async (actor: Actor, id: string): Promise<ImageJob> =>
  (await as(actor).call(getImageJob, { params: { id } })).body;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('waited in vain');
}

describe('saving a server', () => {
  it('begins while the engine is still looking for what earlier saves left', async () => {
    const id = await running();
    const release = world.engine.hold('sweepSaves');
    await save(world.ada, id, { name: 'env', version: '1' });
    const settled = images.settle();
    await until(() => world.engine.images.size === 1);
    release();
    await settled;
  });

  it('answers 202 with a queued job, and ends in an image that servers start from', async () => {
    const id = await running();
    world.engine.of(id)!.written = 200 * MIB;
    const asked = await save(world.ada, id, { name: 'env', version: '1', description: 'with numpy' });
    expect(asked).toMatchObject({
      status: 202,
      body: { kind: 'save', phase: 'queued', serverId: id, serverName: 'My work (2)', imageId: null, endedAt: null },
    });
    await images.settle();
    const done = await job(world.ada, asked.body.id);
    expect(done).toMatchObject({ phase: 'done', percent: 100, reason: null, endedAt: expect.any(String) });
    const { body: listed } = await as(world.ada).call(listImages, {});
    expect(listed.items.find((one) => one.name === 'env')).toEqual(
      expect.objectContaining({
        id: done.imageId,
        version: '1',
        description: 'with numpy',
        ownerId: world.ada.userId,
        visibility: 'private',
        origin: 'own',
        editors: ['jupyterlab', 'code-server'],
        phase: 'ready',
        sizeBytes: 200 * MIB,
        createdFrom: { imageId: IMAGE, name: 'both' },
      }),
    );
    const location = await images.service.ensureImage(done.imageId!, {
      signal: AbortSignal.timeout(5000),
      onProgress: () => undefined,
    });
    expect(location).toEqual({
      ref: `localhost/davit/saved/${world.ada.userId}/${done.imageId}:1`,
      digest: `sha256:${done.id}`,
      sizeBytes: 200 * MIB,
    });
    expect((await as(world.bob).call(listImages, {})).body.items.map((one) => one.name)).toEqual(['both']);
    expect(await images.service.findUsable(world.bob, done.imageId!)).toBeUndefined();
  });

  it('tells the owner alone of each step, with growing versions', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    await images.settle();
    const told = messages.filter(({ event }) => event.type === 'image-job' && event.id === body.id);
    expect(told.length).toBeGreaterThan(2);
    expect(told.every(({ audience }) => audience.everyone !== true)).toBe(true);
    expect(new Set(told.flatMap(({ audience }) => audience.userIds))).toEqual(new Set([world.ada.userId]));
    const versions = told.map(({ event }) => event.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    const image = messages.filter(({ event }) => event.type === 'image');
    expect(image.map(({ audience }) => audience)).toEqual([{ userIds: [world.ada.userId] }]);
  });

  it('keeps the image when the server is deleted', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    await images.settle();
    await servers.service.delete(world.ada, id);
    await world.rest(servers);
    expect(await images.service.findUsable(world.ada, (await job(world.ada, body.id)).imageId!)).toMatchObject({
      name: 'env',
      phase: 'ready',
    });
  });

  it('says in plain words when the image has gone from the engine, and takes it back when it is there again', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    await images.settle();
    const { imageId } = await job(world.ada, body.id);
    const lost = [...world.engine.images];
    world.engine.images.clear();
    const options = { signal: AbortSignal.timeout(5000), onProgress: () => undefined };
    await expect(images.service.ensureImage(imageId!, options)).rejects.toThrow(
      'The image env:1 is no longer in the container engine and cannot be made again.',
    );
    expect(await images.service.findUsable(world.ada, imageId!)).toMatchObject({ phase: 'failed' });
    for (const [ref, location] of lost) world.engine.images.set(ref, location);
    await images.service.ensureImage(imageId!, options);
    expect(await images.service.findUsable(world.ada, imageId!)).toMatchObject({ phase: 'ready', reason: null });
  });
});

describe('names', () => {
  it.each([
    [{ version: '1' }, ['name']],
    [{ name: 'env' }, ['version']],
    [{ name: 'Env', version: '1' }, ['name']],
    [{ name: 'a--b', version: '1' }, ['name']],
    [{ name: '-env', version: '1' }, ['name']],
    [{ name: 'env', version: 'latest' }, ['version']],
    [{ name: 'env', version: '-1' }, ['version']],
    [{ name: 'env', version: '1 2' }, ['version']],
    [{ name: 'n'.repeat(50), version: '1'.repeat(10) }, ['name', 'version']],
    [{ name: 'env', version: '1', scrub: ['relative'] }, ['scrub.0']],
    [{ name: 'env', version: '1', scrub: ['/a/../b'] }, ['scrub.0']],
    [{ name: 'env', version: '1', force: true }, ['force']],
  ])('%j is refused naming %j', async (body, fields) => {
    const id = await running();
    const answer = await as(world.ada).send('POST', `/api/v1/servers/${id}/save`, body);
    expect([answer.status, answer.fields]).toEqual([400, fields]);
  });

  it('may have 60 characters together, the colon counted', async () => {
    const id = await running();
    expect((await save(world.ada, id, { name: 'n'.repeat(50), version: '1'.repeat(9) })).status).toBe(202);
  });

  it('are given once to each person: while a job has them, and when the image is there', async () => {
    const id = await running();
    const wanted = { name: 'env', version: '1' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => save(world.ada, id, wanted)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, ...Array<number>(9).fill(409)]);
    const refused = (await save(world.ada, id, wanted)) as Answer;
    expect(refused).toMatchObject({ status: 409, fields: ['version'] });
    await images.settle();
    expect((await save(world.ada, id, wanted)) as Answer).toMatchObject({
      status: 409,
      body: { detail: 'Your image env:1 exists already. A version never changes: choose another one.' },
    });
    expect((await save(world.ada, id, { name: 'env', version: '2' })).status).toBe(202);
    expect((await save(world.bob, await running(world.bob), wanted)).status).toBe(202);
    await images.settle();
    const [rows] = await world.db.query(
      'SELECT owner_id, version FROM images WHERE owner_id IS NOT NULL ORDER BY 1, 2',
    );
    expect(rows).toEqual([
      { owner_id: world.ada.userId, version: '1' },
      { owner_id: world.ada.userId, version: '2' },
      { owner_id: world.bob.userId, version: '1' },
    ]);
  });

  it('are free again after a failure and after a cancel', async () => {
    const id = await running();
    world.engine.fail('saveImage', new SpawnRefused('There is not enough room to save this server.'));
    const failed = await save(world.ada, id, { name: 'env', version: '1' });
    await images.settle();
    expect(await job(world.ada, failed.body.id)).toMatchObject({
      phase: 'failed',
      reason: 'There is not enough room to save this server.',
      imageId: null,
    });
    const cancelled = await save(world.ada, id, { name: 'env', version: '1' });
    await as(world.ada).call(cancelImageJob, { params: { id: cancelled.body.id } });
    await images.settle();
    expect(await job(world.ada, cancelled.body.id)).toMatchObject({ phase: 'cancelled', reason: null });
    expect((await save(world.ada, id, { name: 'env', version: '1' })).status).toBe(202);
    expect([world.engine.images.size, world.engine.saves.size]).toEqual([0, 0]);
  });
});

describe('many saves', () => {
  it('are refused above three of one person that have not ended, however many are asked for at once', async () => {
    const id = await running();
    const ask = (version: string) => save(world.ada, id, { name: 'env', version });
    const answers = await Promise.all(['1', '2', '3', '4', '5', '6'].map(ask));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 202, 202, 409, 409, 409]);
    expect((await ask('7')) as Answer).toMatchObject({
      status: 409,
      body: { detail: 'You have 3 images in the making already. Wait until one is done, or cancel one.' },
    });
    expect((await save(world.bob, await running(world.bob), { name: 'env', version: '1' })).status).toBe(202);
    await images.settle();
    expect((await ask('7')).status).toBe(202);
  });

  it('of one person do not keep others waiting: each has one under way first', async () => {
    const [mine, theirs] = [await running(), await running(world.bob)];
    const release = world.engine.hold('saveImage');
    const jobs: string[] = [];
    for (const version of ['1', '2', '3']) {
      jobs.push((await save(world.ada, mine, { name: 'env', version })).body.id);
      world.clock.advance(1000);
    }
    const other = (await save(world.bob, theirs, { name: 'env', version: '1' })).body.id;
    const settled = images.settle();
    await until(() => world.engine.saves.size === 2);
    expect(new Set(world.engine.saves.keys())).toEqual(new Set([jobs[0], other]));
    release();
    await settled;
    await images.settle();
    await images.settle();
    for (const id of jobs) expect((await job(world.ada, id)).phase).toBe('done');
  });
});

describe('cancel', () => {
  it('in the middle leaves no image and nothing on the way', async () => {
    const id = await running();
    const release = world.engine.hold('saveImage');
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    const settled = images.settle();
    await until(() => world.engine.saves.size === 1);
    await until(async () => (await job(world.ada, body.id)).phase === 'saving');
    const answer = await as(world.ada).call(cancelImageJob, { params: { id: body.id } });
    expect(answer).toMatchObject({ status: 202, body: { phase: 'cancelling', percent: null } });
    await images.settle();
    await settled;
    expect(await job(world.ada, body.id)).toMatchObject({ phase: 'cancelled', imageId: null, reason: null });
    expect([world.engine.images.size, world.engine.saves.size]).toEqual([0, 0]);
    expect((await as(world.ada).call(listImages, {})).body.items.map((one) => one.name)).toEqual(['both']);
    release();
    expect((await as(world.ada).call(cancelImageJob, { params: { id: body.id } })).body.phase).toBe('cancelled');
  });

  it('that comes just before the end wins: the complete image is removed', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    const inner = servers.saver.save;
    servers.saver.save = async (...args) => {
      const location = await inner(...args);
      await as(world.ada).call(cancelImageJob, { params: { id: body.id } });
      return location;
    };
    await images.settle();
    expect(await job(world.ada, body.id)).toMatchObject({ phase: 'cancelled', imageId: null });
    expect(world.engine.images.size).toBe(0);
  });

  it('of what waits does not wait for its turn', async () => {
    const id = await running();
    const release = world.engine.hold('saveImage');
    const jobs: string[] = [];
    for (const version of ['1', '2', '3']) {
      jobs.push((await save(world.ada, id, { name: 'env', version })).body.id);
      world.clock.advance(1000);
    }
    const settled = images.settle();
    await until(() => world.engine.saves.size === 2);
    expect((await job(world.ada, jobs[2]!)).phase).toBe('queued');
    await as(world.ada).call(cancelImageJob, { params: { id: jobs[2]! } });
    void images.settle();
    await until(async () => (await job(world.ada, jobs[2]!)).phase === 'cancelled');
    release();
    await settled;
    expect((await job(world.ada, jobs[1]!)).phase).toBe('done');
  });

  it('happens to all jobs of a person who is deleted', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    await world.db.transaction((tx) => images.onUserDeleted(world.ada.userId, tx));
    await images.settle();
    expect((await job(world.ada, body.id)).phase).toBe('cancelled');
  });
});

describe('a hub that dies', () => {
  it('leaves a job that the next one does from the beginning', async () => {
    const id = await running();
    world.engine.hold('saveImage');
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    void images.settle();
    await until(() => world.engine.saves.size === 1);
    await images.stop();
    expect((await job(world.ada, body.id)).endedAt).toBeNull();
    world.engine.hold('saveImage')();
    const next = boot();
    await next.settle();
    expect(await job(world.ada, body.id)).toMatchObject({ phase: 'done', percent: 100 });
    expect([world.engine.images.size, world.engine.saves.size]).toEqual([1, 0]);
    const { body: log } = await as(world.ada).call(getImageJobLog, { params: { id: body.id } });
    expect(log.lines).toContain('Beginning again.');
    await next.stop();
  });

  it('in good order, or that is replaced, does not use up the attempts of a job', async () => {
    const id = await running();
    world.engine.hold('saveImage');
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    for (let turn = 0; turn < 6; turn += 1) {
      void images.settle();
      await until(() => world.engine.saves.size === 1);
      await images.stop();
      images = boot();
      world.engine.saves.clear();
    }
    world.engine.hold('saveImage')();
    await images.settle();
    expect(await job(world.ada, body.id)).toMatchObject({ phase: 'done' });
  });

  it('again and again with the same job is not begun for ever', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    await world.db.query('UPDATE image_jobs SET attempts = 4');
    world.engine.saves.set(body.id, 'half');
    await images.settle();
    expect(await job(world.ada, body.id)).toMatchObject({
      phase: 'failed',
      reason: 'It was begun several times and did not come to an end.',
    });
    expect(world.engine.saves.size).toBe(0);
  });

  it('leaves nothing of ended jobs: the next one sweeps', async () => {
    world.engine.saves.set('nosuchjob000', 'half');
    await images.settle();
    expect(world.engine.saves.size).toBe(0);
  });
});

describe('failures', () => {
  it('of the engine that may pass are tried again, not for ever', async () => {
    const id = await running();
    world.engine.fail('saveImage', new Error('the engine does not answer'), 2);
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    await images.settle();
    expect((await job(world.ada, body.id)).endedAt).toBeNull();
    await images.settle();
    await images.settle();
    expect(await job(world.ada, body.id)).toMatchObject({ phase: 'done' });
    world.engine.fail('saveImage', new Error('the engine does not answer'), 10);
    const other = await save(world.ada, id, { name: 'env', version: '2' });
    for (let turn = 0; turn < 5; turn += 1) await images.settle();
    expect(await job(world.ada, other.body.id)).toMatchObject({
      phase: 'failed',
      reason: 'the engine does not answer',
    });
  });

  it('because the server was started anew say so', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    await servers.service.reset(world.ada, id);
    await world.rest(servers);
    await images.settle();
    expect(await job(world.ada, body.id)).toMatchObject({
      phase: 'failed',
      reason: 'The server does not run any more.',
    });
  });

  it('a server that does not run cannot be saved', async () => {
    const { id } = await servers.service.create(world.ada, { name: 'work', imageId: IMAGE, start: false });
    const answer = (await save(world.ada, id, { name: 'env', version: '1' })) as Answer;
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await as(world.ada).call(previewSave, { params: { id } })).status).toBe(409);
  });
});

describe('the log', () => {
  it('is paged by the number of lines that are known, and says when it has ended', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    const read = async (after: number) =>
      (await as(world.ada).call(getImageJobLog, { params: { id: body.id }, query: { after } })).body;
    expect(await read(0)).toEqual({ lines: [], next: 0, ended: false });
    await images.settle();
    const all = await read(0);
    expect(all).toMatchObject({ ended: true, next: all.lines.length });
    expect(all.lines[0]).toBe('Saving the server My work (2) as env:1.');
    expect(all.lines.at(-1)).toBe('The image env:1 is there.');
    expect(await read(1)).toEqual({ ...all, lines: all.lines.slice(1) });
    expect(await read(all.next)).toEqual({ lines: [], next: all.next, ended: true });
  });
});

describe('the list', () => {
  it('is newest first, paged, and narrowed to a server or to what goes on', async () => {
    const [first, second] = [await running(world.ada, 'one'), await running(world.ada, 'two')];
    for (const [index, id] of [first, second, first].entries()) {
      await save(world.ada, id, { name: 'env', version: String(index) });
      world.clock.advance(1000);
    }
    const list = async (query: { limit?: number; cursor?: string; server?: string; active?: 'true' | 'false' }) =>
      (await as(world.ada).call(listImageJobs, { query })).body;
    const page = await list({ limit: 2 });
    expect(page.items.map((one) => one.version)).toEqual(['2', '1']);
    expect((await list({ limit: 2, cursor: page.nextCursor! })).items.map((one) => one.version)).toEqual(['0']);
    expect((await list({ server: first })).items.map((one) => one.version)).toEqual(['2', '0']);
    await images.settle();
    expect((await list({ active: 'true' })).items.length).toBeLessThan(3);
    for (let turn = 0; turn < 3; turn += 1) await images.settle();
    expect((await list({ active: 'true' })).items).toEqual([]);
    expect((await list({ active: 'false' })).items).toHaveLength(3);
    expect((await as(world.bob).call(listImageJobs, {})).body.items).toEqual([]);
  });
});

describe('rights', () => {
  it('another person finds nothing, an admin may not save, nobody may without signing in', async () => {
    const id = await running();
    const { body } = await save(world.ada, id, { name: 'env', version: '1' });
    const calls: [string, string, unknown?][] = [
      ['GET', `/api/v1/servers/${id}/save`],
      ['POST', `/api/v1/servers/${id}/save`, { name: 'other', version: '1' }],
      ['GET', `/api/v1/image-jobs/${body.id}`],
      ['GET', `/api/v1/image-jobs/${body.id}/log`],
      ['POST', `/api/v1/image-jobs/${body.id}/cancel`],
    ];
    for (const [method, path, sent] of calls) {
      expect([path, (await as(world.bob).send(method, path, sent)).status]).toEqual([path, 404]);
      const status = path.includes('/servers/') ? 403 : 404;
      expect([path, (await as(world.admin).send(method, path, sent)).status]).toEqual([path, status]);
      expect([path, (await new TestClient(served.url).send(method, path, sent)).status]).toEqual([path, 401]);
    }
    expect((await job(world.ada, body.id)).phase).toBe('queued');
  });

  it('code inside a server reaches that server and its saves, and no other', async () => {
    const [mine, other] = [await running(world.ada, 'one'), await running(world.ada, 'two')];
    const inside = { ...boundToServer(world.ada, mine), userId: world.ada.userId };
    actors.set('inside', inside);
    const client = new TestClient(served.url, { 'x-as': 'inside' });
    const [saved, foreign] = [
      (await client.call(saveServer, { params: { id: mine }, body: { name: 'a', version: '1' } })).body,
      (await save(world.ada, other, { name: 'b', version: '1' })).body,
    ];
    expect((await client.call(listImageJobs, {})).body.items.map((one) => one.id)).toEqual([saved.id]);
    expect((await client.call(listImageJobs, { query: { server: other } })).body.items).toEqual([]);
    expect((await client.call(getImageJob, { params: { id: saved.id } })).status).toBe(200);
    for (const [method, path, sent] of [
      ['GET', `/api/v1/servers/${other}/save`],
      ['POST', `/api/v1/servers/${other}/save`, { name: 'c', version: '1' }],
      ['GET', `/api/v1/image-jobs/${foreign.id}`],
      ['GET', `/api/v1/image-jobs/${foreign.id}/log`],
      ['POST', `/api/v1/image-jobs/${foreign.id}/cancel`],
    ] as const) {
      expect([path, (await client.send(method, path, sent)).status]).toEqual([path, 404]);
    }
  });

  it('a token without the scope "servers" may look and not save', async () => {
    const id = await running();
    actors.set('reader', { ...world.ada, scopes: new Set(['read']) });
    const client = new TestClient(served.url, { 'x-as': 'reader' });
    expect((await client.call(previewSave, { params: { id } })).status).toBe(200);
    expect((await client.call(saveServer, { params: { id }, body: { name: 'a', version: '1' } })).status).toBe(403);
  });
});

describe('the preview', () => {
  it('says what is not saved and how large, what is left out, and suggests a free name', async () => {
    const id = await running();
    world.engine.of(id)!.written = 3 * MIB;
    const preview = async () => (await as(world.ada).call(previewSave, { params: { id } })).body;
    const first = await preview();
    expect(first).toMatchObject({
      notSaved: [{ path: '/data/private/default', why: 'data', bytes: 5 }],
      changedBytes: 3 * MIB,
      freeBytes: 51_200 * MIB,
      suggestion: { name: 'my-work-2', version: '1' },
    });
    expect(first.scrubbed).toEqual(
      expect.arrayContaining(['/home/*/.ssh', '/home/*/.netrc', '/tmp/**', '/root/.docker']),
    );
    await save(world.ada, id, first.suggestion);
    expect((await preview()).suggestion).toEqual({ name: 'my-work-2', version: '2' });
    await images.settle();
    await save(world.ada, id, { name: 'my-work-2', version: '41' });
    await save(world.ada, id, { name: 'my-work-2', version: 'beta' });
    expect((await preview()).suggestion).toEqual({ name: 'my-work-2', version: '42' });
  });
});
