import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ChangeEvent } from '@davit/contract';
import { createTestDatabase } from '../../../test/database.ts';
import { imageDoubles } from '../../../test/imageDoubles.ts';
import type { Actor } from '../../platform/auth.ts';
import { Bus } from '../../platform/bus.ts';
import type { Database } from '../../platform/db.ts';
import { createLog } from '../../platform/log.ts';
import type { Ticket } from '../../platform/ticket.ts';
import type { BuildProgress, BuiltInImage, ImageLocation, ImageSource } from './imageSource.ts';
import { createImagesDomain, ImageFailed, type ImagesDomain } from './index.ts';

const now = new Date('2030-01-01T00:00:00Z');
const user: Actor = {
  userId: 'ada000000000',
  name: 'ada',
  role: 'user',
  scopes: new Set(['read', 'servers', 'account']),
  via: { kind: 'session', id: 's' },
};
const admin: Actor = { ...user, userId: 'root00000000', role: 'admin', scopes: new Set(['read', 'admin']) };
const signal = new AbortController().signal;
const quiet = { signal, onProgress: () => undefined };

const image = (name: string, changes: Partial<BuiltInImage> = {}): BuiltInImage => ({
  name,
  version: '1.0',
  title: name,
  description: `The image ${name}`,
  editors: ['jupyterlab'],
  ...changes,
});

/** Builds when the test says so. */
class FakeSource implements ImageSource {
  images: BuiltInImage[] = [image('base', { editors: [] }), image('jupyterlab'), image('desktop')];
  readonly there = new Map<string, ImageLocation>();
  readonly builds: { name: string; progress: (p: BuildProgress) => void; end: PromiseWithResolvers<ImageLocation> }[] =
    [];
  reachable = true;
  catalogue(): BuiltInImage[] {
    return this.images;
  }
  present(name: string): Promise<ImageLocation | undefined> {
    if (!this.reachable) return Promise.reject(new Error('the engine does not answer'));
    return Promise.resolve(this.there.get(name));
  }
  locate(digest: string): Promise<ImageLocation | undefined> {
    return Promise.resolve([...this.there.values()].find((one) => one.digest === digest));
  }
  ensure(name: string, options: Parameters<ImageSource['ensure']>[1]): Promise<ImageLocation> {
    const end = Promise.withResolvers<ImageLocation>();
    options.signal.addEventListener('abort', () => end.reject(options.signal.reason));
    this.builds.push({ name, progress: options.onProgress, end });
    return end.promise;
  }
}

const location = (name: string): ImageLocation => ({
  ref: `localhost/davit/${name}:abc`,
  digest: `sha256:${name}`,
  sizeBytes: 3_000_000_000,
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('waited in vain');
}

let db: Database;
let drop: () => Promise<void>;
let source: FakeSource;
let events: ChangeEvent[];
let domain: ImagesDomain;

function boot(ticket?: Ticket): ImagesDomain {
  const bus = new Bus();
  bus.subscribe(({ event, audience }) => {
    if (audience.everyone === true) events.push(event);
  });
  const servers = (): never => {
    throw new Error('no test here saves a server');
  };
  const log = createLog('silent');
  return createImagesDomain({
    db,
    bus,
    clock: { now: () => now },
    log,
    source,
    engine: 'fake',
    servers,
    ...(ticket === undefined ? {} : { ticket }),
    ...imageDoubles(),
  });
}

beforeAll(async () => {
  ({ db, drop } = await createTestDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  source = new FakeSource();
  events = [];
  domain = boot();
  await domain.service.syncCatalogue();
});
afterEach(async () => {
  await domain.stop();
  await db.query('TRUNCATE images, image_locations, image_jobs CASCADE');
});

const QUERY = { scope: 'usable' } as const;
const all = async () => (await domain.service.list(user, { ...QUERY, limit: 50 })).items;
const named = async (name: string) => (await all()).find((one) => one.name === name)!;

describe('built-in images', () => {
  it('are rows that everybody sees, without those that carry no editor', async () => {
    expect((await all()).map((one) => [one.name, one.phase, one.ownerId, one.visibility])).toEqual([
      ['desktop', 'absent', null, 'public'],
      ['jupyterlab', 'absent', null, 'public'],
    ]);
  });

  it('keep their id when the version moves on and are not written when nothing changed', async () => {
    const before = await named('jupyterlab');
    await domain.service.syncCatalogue();
    const revisions = async () => (await db.query('SELECT name, revision FROM images ORDER BY name'))[0];
    expect(await revisions()).toEqual([
      { name: 'desktop', revision: 1 },
      { name: 'jupyterlab', revision: 1 },
    ]);
    source.images = [image('jupyterlab', { version: '2.0', editors: ['jupyterlab', 'code-server'] }), image('desktop')];
    await domain.service.syncCatalogue();
    expect(await named('jupyterlab')).toMatchObject({
      id: before.id,
      version: '2.0',
      editors: ['jupyterlab', 'code-server'],
    });
    expect(await revisions()).toEqual([
      { name: 'desktop', revision: 1 },
      { name: 'jupyterlab', revision: 2 },
    ]);
  });

  it('that no longer come along are retired: unlisted, not startable, but still named', async () => {
    const { id } = await named('desktop');
    source.images = [image('jupyterlab')];
    await domain.service.syncCatalogue();
    expect((await all()).map((one) => one.name)).toEqual(['jupyterlab']);
    expect(await domain.service.findUsable(user, id)).toBeUndefined();
    expect((await domain.service.names([id])).get(id)).toBe('desktop');
    await expect(domain.service.ensureImage(id, quiet)).rejects.toThrow(ImageFailed);
    source.images.push(image('desktop'));
    await domain.service.syncCatalogue();
    expect((await named('desktop')).id).toBe(id);
  });

  it('tell whether the engine has them, and their size', async () => {
    source.there.set('jupyterlab', location('jupyterlab'));
    await domain.service.refresh();
    expect(await named('jupyterlab')).toMatchObject({ phase: 'ready', sizeBytes: 3_000_000_000 });
    expect(events).toEqual([expect.objectContaining({ type: 'image', version: 2 })]);
    await domain.service.refresh();
    expect(events).toHaveLength(1);
    source.there.clear();
    await domain.service.refresh();
    expect(await named('jupyterlab')).toMatchObject({ phase: 'absent', sizeBytes: null });
  });
});

describe('ensureImage', () => {
  it('answers at once where the engine has the image', async () => {
    source.there.set('jupyterlab', location('jupyterlab'));
    const { id } = await named('jupyterlab');
    expect(await domain.service.ensureImage(id, quiet)).toEqual(location('jupyterlab'));
    expect(source.builds).toHaveLength(0);
    expect((await named('jupyterlab')).phase).toBe('ready');
  });

  it('builds once for all who wait, tells them how it goes, and goes on when one leaves', async () => {
    const { id } = await named('jupyterlab');
    const steps: number[] = [];
    const left = new AbortController();
    const leaver = domain.service.ensureImage(id, { ...quiet, signal: left.signal });
    const stayer = domain.service.ensureImage(id, { signal, onProgress: (p) => steps.push(p.step) });
    await until(() => source.builds.length === 1);
    left.abort(new Error('stopped'));
    await expect(leaver).rejects.toThrow('stopped');
    // The one who stays may still be on the way to the build that the other began.
    await until(() => {
      source.builds[0]!.progress({ image: 'base', step: 2, steps: 5, line: 'RUN apt-get' });
      return steps.includes(2);
    });
    await until(async () => (await named('jupyterlab')).reason === 'building step 2 of 5 of the image base below it');
    source.builds[0]!.progress({ image: 'jupyterlab', step: 7, steps: 12, line: 'RUN pip' });
    await until(async () => (await named('jupyterlab')).reason === 'building step 7 of 12');
    expect((await named('jupyterlab')).phase).toBe('building');
    await domain.service.refresh();
    expect((await named('jupyterlab')).phase).toBe('building');
    source.builds[0]!.end.resolve(location('jupyterlab'));
    expect((await stayer).digest).toBe('sha256:jupyterlab');
    expect(await named('jupyterlab')).toMatchObject({ phase: 'ready', reason: null });
    expect([...new Set(steps)]).toEqual([2, 7]);
    expect(source.builds).toHaveLength(1);
  });

  it('tells why a build failed, keeps that, and tries again next time', async () => {
    const { id } = await named('jupyterlab');
    const first = domain.service.ensureImage(id, quiet);
    await until(() => source.builds.length === 1);
    source.builds[0]!.end.reject(new Error('no space left on device'));
    await expect(first).rejects.toThrow(ImageFailed);
    const failed = { phase: 'failed', reason: 'The image jupyterlab could not be built: no space left on device' };
    expect(await named('jupyterlab')).toMatchObject(failed);
    await domain.service.refresh();
    expect(await named('jupyterlab')).toMatchObject(failed);
    const second = domain.service.ensureImage(id, quiet);
    await until(() => source.builds.length === 2);
    source.builds[1]!.end.resolve(location('jupyterlab'));
    await second;
    expect(await named('jupyterlab')).toMatchObject({ phase: 'ready', reason: null });
  });

  it('does not call an image failed when the engine is away', async () => {
    source.reachable = false;
    const { id } = await named('jupyterlab');
    const error: unknown = await domain.service.ensureImage(id, quiet).catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(ImageFailed);
    expect((await named('jupyterlab')).phase).toBe('absent');
  });

  it('ends with the hub; the next one looks again', async () => {
    const { id } = await named('jupyterlab');
    const waiting = domain.service.ensureImage(id, quiet);
    waiting.catch(() => undefined);
    await until(() => source.builds.length === 1);
    await domain.stop();
    await expect(waiting).rejects.toThrow('stopping');
    domain = boot();
    expect((await named('jupyterlab')).phase).toBe('building');
    await domain.service.refresh();
    expect((await named('jupyterlab')).phase).toBe('absent');
  });
});

describe('prepare', () => {
  it('is for admins and answers while the build runs', async () => {
    const { id } = await named('jupyterlab');
    await expect(domain.service.prepare(user, id)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await domain.service.prepare(admin, id)).toMatchObject({ id, phase: 'building' });
    await expect(domain.service.prepare(admin, 'nosuchimage0')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('prepare at a hub that does not act', () => {
  it('leaves word for the one that does, which builds once', async () => {
    const confirm = () => Promise.reject(new Error('not held'));
    const other = boot({ hold: undefined, onChange: () => () => undefined, confirm });
    const { id } = await named('jupyterlab');
    expect(await other.service.prepare(admin, id)).toMatchObject({ phase: 'building', reason: 'starting the build' });
    expect(source.builds).toEqual([]);
    await domain.service.refresh();
    await domain.service.refresh();
    expect(source.builds.map(({ name }) => name)).toEqual(['jupyterlab']);
    await other.stop();
  });
});

describe('list', () => {
  it('are not taken for missing while the database is away', async () => {
    const { id } = await named('desktop');
    const away = jest.spyOn(db, 'query').mockRejectedValue(new Error('the database is away'));
    await expect(domain.service.findUsable(user, id)).rejects.toThrow('the database is away');
    away.mockRestore();
    expect(await domain.service.findUsable(user, id)).toMatchObject({ name: 'desktop' });
  });

  it('are found by their titles as the reader sees them', async () => {
    const found = async (search: string, language?: 'zh'): Promise<string[]> =>
      (await domain.service.list(user, { ...QUERY, limit: 50, search, language })).items.map((one) => one.name);
    source.images = [image('jupyterlab'), image('desktop', { title: 'Desktop' })];
    await domain.service.syncCatalogue();
    expect(await found('桌面', 'zh')).toEqual(['desktop']);
    expect(await found('desk', 'zh')).toEqual(['desktop']);
    expect(await found('桌面')).toEqual([]);
  });

  it('pages by key and shows private images to their owner only', async () => {
    await db.query(`INSERT INTO images (id, owner_id, name, version, title, description, visibility, editors, phase, created_at)
      VALUES ('mine00000000', '${user.userId}', 'mine', '1', 'Mine', '', 'private', '[]', 'ready', now()),
             ('theirs000000', 'bob000000000', 'theirs', '1', 'Theirs', '', 'private', '[]', 'ready', now())`);
    const first = await domain.service.list(user, { ...QUERY, limit: 2 });
    expect(first.items.map((one) => one.name)).toEqual(['desktop', 'jupyterlab']);
    const second = await domain.service.list(user, { ...QUERY, limit: 2, cursor: first.nextCursor! });
    expect(second).toMatchObject({ items: [{ name: 'mine' }], nextCursor: null });
    const forged = Buffer.from('["a\\u0000","2030-01-01","b"]').toString('base64url');
    await expect(domain.service.list(user, { ...QUERY, limit: 2, cursor: forged })).rejects.toMatchObject({
      fields: [{ path: 'cursor' }],
    });
    expect(await domain.service.findUsable(user, 'theirs000000')).toBeUndefined();
    expect(await domain.service.findUsable(user, 'mine00000000')).toMatchObject({ name: 'mine' });
  });
});
