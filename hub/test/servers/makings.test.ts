import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  buildImage,
  cancelImageJob,
  getImage,
  getImageJob,
  getImageJobLog,
  listImages,
  type ImageJob,
} from '@davit/contract';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ImageJobFailed } from '../../src/domains/images/index.ts';
import type { Actor } from '../../src/platform/auth.ts';
import { createTestDatabase } from '../database.ts';
import { createLibraryWorld, type LibraryWorld } from './libraryWorld.ts';

const ARCHIVE = Buffer.from('as good as an archive '.repeat(1000));

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let library: LibraryWorld;
let admin: Actor;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  library = await createLibraryWorld(database.db);
  ({ admin } = library.world);
  await library.add({ id: 'builtin00000', name: 'jupyterlab', visibility: 'public' });
});
afterEach(() => library.end());

interface Answered {
  status: number;
  body: ImageJob & { fields?: { path: string }[]; detail?: string };
}

async function upload(query: string, body: Buffer = ARCHIVE, actor = admin): Promise<Answered> {
  const response = await fetch(`${library.url}/api/v1/images/upload?${query}`, {
    method: 'POST',
    headers: { 'x-as': actor.userId, 'content-type': 'application/x-tar' },
    body: new Uint8Array(body),
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}
const fields = ({ body }: Answered): string[] => (body.fields ?? []).map(({ path }) => path);
const job = async (id: string): Promise<ImageJob> =>
  (await library.as(admin).call(getImageJob, { params: { id } })).body;
const log = async (id: string): Promise<string[]> =>
  (await library.as(admin).call(getImageJobLog, { params: { id } })).body.lines;
const files = (): Promise<string[]> => readdir(library.uploadsDirectory);
const build = (body: object) => library.as(admin).send('POST', '/api/v1/images/build', body);
const DOCKERFILE = 'FROM ${BASE}\nRUN pip install tensorboard\n';

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('waited in vain');
}

/** Lets the jobs run until the engine has been asked for the n-th image. */
async function making(count = 1) {
  const settled = library.images.settle();
  await until(() => library.maker.makings.length >= count);
  return { ...library.maker.makings[count - 1]!, settled };
}

describe('uploading an image', () => {
  it('stores the archive, has the engine take it in, and ends in an image', async () => {
    const asked = await upload('name=lab&version=1&description=from%20home&editors=jupyterlab');
    expect(asked).toMatchObject({ status: 202, body: { kind: 'upload', phase: 'queued', name: 'lab', imageId: null } });
    const { what, target, options, end, settled } = await making();
    expect(await readFile(what)).toEqual(ARCHIVE);
    expect(target).toMatchObject({ editors: ['jupyterlab'], labels: { 'org.opencontainers.image.title': 'lab' } });
    options.onLine('Copying blob');
    await until(async () => (await job(asked.body.id)).phase === 'importing');
    expect(await job(asked.body.id)).toMatchObject({ bytesDone: ARCHIVE.length, bytesTotal: ARCHIVE.length });
    end.resolve();
    await settled;
    const done = await job(asked.body.id);
    expect(done).toMatchObject({ phase: 'done', percent: 100 });
    const { body: image } = await library.as(admin).call(getImage, { params: { id: done.imageId ?? '' } });
    expect(image).toMatchObject({
      name: 'lab',
      description: 'from home',
      origin: 'own',
      sizeBytes: 1000,
      phase: 'ready',
    });
    expect(await log(asked.body.id)).toContain('Copying blob');
    await library.images.settle();
    expect(await files()).toEqual([]);
  });

  it('unpacks what is compressed', async () => {
    await upload('name=lab&version=1', gzipSync(ARCHIVE));
    const { what, end, settled } = await making();
    expect(await readFile(what)).toEqual(ARCHIVE);
    end.resolve();
    await settled;
    const broken = await upload('name=lab&version=2', gzipSync(ARCHIVE).subarray(0, 40));
    expect([broken.status, fields(broken)]).toEqual([400, ['body']]);
  });

  it('is refused by size, also when it grows by unpacking, and leaves no file', async () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 20 + 1));
    expect(bomb.length).toBeLessThan(10_000);
    for (const body of [Buffer.alloc(2 ** 20 + 1), bomb]) {
      const answer = await upload('name=lab&version=1', body);
      expect([answer.status, answer.body.detail]).toEqual([413, expect.stringContaining('larger than 1 MiB')]);
    }
    expect(await files()).toEqual([]);
  });

  it.each([
    ['name=Lab&version=1', ['name']],
    ['name=lab&version=latest', ['version']],
    ['version=1', ['name']],
    ['name=lab&version=1&editors=emacs', ['editors']],
    [`name=${'a'.repeat(40)}&version=${'1'.repeat(30)}`, ['name', 'version']],
  ])('names the field that is wrong in %s', async (query, wrong) => {
    const answer = await upload(query);
    expect([answer.status, fields(answer)]).toEqual([400, wrong]);
    expect(await files()).toEqual([]);
  });

  it('is refused when empty, for a name that is taken, and to everybody but admins', async () => {
    expect(fields(await upload('name=lab&version=1', Buffer.alloc(0)))).toEqual(['body']);
    await library.add({ id: 'mine00000000', name: 'lab', ownerId: admin.userId });
    const taken = await upload('name=lab&version=1');
    expect([taken.status, fields(taken)]).toEqual([409, ['version']]);
    expect((await upload('name=lab&version=2', ARCHIVE, library.world.ada)).status).toBe(403);
    expect(await files()).toEqual([]);
  });

  it('that breaks off leaves no file and no job', async () => {
    const sent = request(`${library.url}/api/v1/images/upload?name=lab&version=1`, {
      method: 'POST',
      headers: { 'x-as': admin.userId, 'content-type': 'application/x-tar', 'content-length': 100_000 },
    });
    sent.on('error', () => undefined);
    sent.write(ARCHIVE);
    await until(async () => (await files()).length === 1);
    // The sweep of the jobs must not take what is still on its way.
    await library.images.settle();
    expect(await files()).toHaveLength(1);
    sent.destroy();
    await until(async () => (await files()).length === 0);
    const { body } = await library.as(admin).send('GET', '/api/v1/image-jobs');
    expect(body).toMatchObject({ items: [] });
  });

  it('that a hub died over is swept, and one whose job waits is not', async () => {
    await writeFile(join(library.uploadsDirectory, 'half.tar'), 'half');
    const { body } = await upload('name=lab&version=1');
    await library.restart();
    const { what, end, settled } = await making();
    // The sweep comes after the beginning of the jobs.
    const kept = JSON.stringify([what.split('/').at(-1)]);
    await until(async () => JSON.stringify(await files()) === kept);
    end.resolve();
    await settled;
    expect((await job(body.id)).phase).toBe('done');
  });

  it('that another hub receives into the same directory is left alone until it stops to grow', async () => {
    const path = join(library.uploadsDirectory, 'otherhub0000-abc.tar');
    await mkdir(library.uploadsDirectory, { recursive: true });
    await writeFile(path, 'half');
    await utimes(path, library.world.clock.now(), library.world.clock.now());
    await library.images.settle();
    expect(await files()).toHaveLength(1);
    library.world.clock.advance(3_600_000);
    await library.images.settle();
    expect(await files()).toEqual([]);
  });

  it('whose archive lies on the disk of another hub ends in plain words', async () => {
    const { body } = await upload('name=lab&version=1');
    for (const name of await files()) await rm(join(library.uploadsDirectory, name));
    await library.images.settle();
    expect(await job(body.id)).toMatchObject({
      phase: 'failed',
      reason: 'The archive is not on this machine any more. Upload it again.',
    });
  });

  it('is refused before anything is received where no images are made, and so is a build', async () => {
    library.maker.notOffered = 'Not here.';
    const refused = await upload('name=lab&version=1');
    expect([refused.status, refused.body.detail, await files().catch(() => [])]).toEqual([409, 'Not here.', []]);
    const body = { baseId: 'builtin00000', name: 'lab', version: '1', description: '', dockerfile: DOCKERFILE };
    expect((await build(body)).status).toBe(409);
  });

  it('tells why an archive is no image, and can be cancelled', async () => {
    const { body: first } = await upload('name=lab&version=1');
    const one = await making();
    one.end.reject(new ImageJobFailed('The archive is a tar, but holds no image.'));
    await one.settled;
    expect(await job(first.id)).toMatchObject({ phase: 'failed', reason: 'The archive is a tar, but holds no image.' });

    const { body: second } = await upload('name=lab&version=1');
    const two = await making(2);
    await library.as(admin).call(cancelImageJob, { params: { id: second.id } });
    await library.images.settle();
    await two.settled;
    expect(await job(second.id)).toMatchObject({ phase: 'cancelled', imageId: null });
    expect((await library.as(admin).call(listImages, { query: { origin: 'own' } })).body.items).toEqual([]);
    await library.images.settle();
    expect(await files()).toEqual([]);
  });
});

describe('building an image', () => {
  it('has its log and its steps, and what an admin allowed for the base', async () => {
    await library.as(admin).send('PUT', '/api/v1/images/builtin00000/launch', { sudo: true });
    const body = { name: 'board', version: '1', baseId: 'builtin00000', dockerfile: DOCKERFILE };
    const asked = await library.as(admin).call(buildImage, { body });
    expect(asked).toMatchObject({ status: 202, body: { kind: 'build', phase: 'queued' } });
    const { what, options, end, settled } = await making();
    expect(what).toBe(`localhost/davit/base:1\n${DOCKERFILE}`);
    options.onLine('STEP 2/4: RUN pip install tensorboard');
    options.onProgress({ step: 2, steps: 4 });
    await until(async () => (await job(asked.body.id)).percent === 50);
    expect(await job(asked.body.id)).toMatchObject({ phase: 'building' });
    expect(await log(asked.body.id)).toContain('STEP 2/4: RUN pip install tensorboard');
    end.resolve();
    await settled;
    const { body: listed } = await library.as(admin).call(listImages, { query: { origin: 'own' } });
    expect(listed.items).toMatchObject([
      { name: 'board', createdFrom: { imageId: 'builtin00000', name: 'jupyterlab' }, launch: { sudo: true } },
    ]);
  });

  it('keeps its Dockerfile and its log until 30 days after its end, and no longer', async () => {
    const kept = async () => {
      const [rows] = await library.world.db.query(
        `SELECT input::text LIKE '%tensorboard%' AS dockerfile,
          EXISTS (SELECT FROM image_job_lines WHERE job_id = image_jobs.id) AS log FROM image_jobs`,
      );
      return rows;
    };
    const body = { name: 'board', version: '1', baseId: 'builtin00000', dockerfile: DOCKERFILE };
    const { body: asked } = await library.as(admin).call(buildImage, { body });
    const { end, settled } = await making();
    end.resolve();
    await settled;
    library.world.clock.advance(30 * 86_400_000);
    await library.images.settle();
    expect(await kept()).toEqual([{ dockerfile: true, log: true }]);
    library.world.clock.advance(1);
    await library.images.settle();
    expect(await kept()).toEqual([{ dockerfile: false, log: false }]);
    expect(await job(asked.id)).toMatchObject({ phase: 'done', name: 'board', version: '1' });
  });

  it.each([
    [{ dockerfile: 'FROM debian\n' }, 'dockerfile'],
    [{ dockerfile: '# FROM ${BASE}\n' }, 'dockerfile'],
    [{ dockerfile: '' }, 'dockerfile'],
    [{ baseId: 'nosuchimage0' }, 'baseId'],
    [{ baseId: 'adasown00000' }, 'baseId'],
    [{ name: '' }, 'name'],
    [{ editors: ['emacs'] }, 'editors.0'],
    [{ mounts: ['/'] }, 'mounts'],
  ])('refuses %j and names the field', async (changes, field) => {
    await library.add({ id: 'adasown00000', name: 'secret', ownerId: library.world.ada.userId });
    const body = { name: 'board', version: '1', baseId: 'builtin00000', dockerfile: DOCKERFILE, ...changes };
    const { fields: wrong, status } = await build(body);
    expect([status, wrong[0]]).toEqual([400, field]);
  });

  it('is for admins only, and its log too', async () => {
    const body = { name: 'board', version: '1', baseId: 'builtin00000', dockerfile: DOCKERFILE };
    expect((await library.as(library.world.ada).send('POST', '/api/v1/images/build', body)).status).toBe(403);
    const { body: asked } = await library.as(admin).call(buildImage, { body });
    const other = await library.as(library.world.ada).send('GET', `/api/v1/image-jobs/${asked.id}/log`);
    expect(other.status).toBe(404);
  });
});
