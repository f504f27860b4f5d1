import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createServer,
  deleteImage,
  deleteServer,
  getImage,
  getServer,
  listImages,
  setImageLaunch,
  shareImage,
  startServer,
  stopServer,
  updateImage,
  type Image,
  type LaunchOptions,
} from '@davit/contract';
import type { Actor } from '../../src/platform/auth.ts';
import { createTestDatabase } from '../database.ts';
import { createLibraryWorld, type LibraryWorld } from './libraryWorld.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let library: LibraryWorld;
let ada: Actor;
let bob: Actor;
let admin: Actor;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  library = await createLibraryWorld(database.db);
  ({ ada, bob, admin } = library.world);
  await library.add({ id: 'builtin00000', name: 'jupyterlab', visibility: 'public' });
  await library.add({ id: 'adaenv000000', name: 'env', ownerId: ada.userId });
});
afterEach(() => library.end());

const ENV = { params: { id: 'adaenv000000' } };
type Query = Parameters<typeof listOf>[1];
async function listOf(actor: Actor, query: { search?: string; origin?: Image['origin']; scope?: 'all' } = {}) {
  const { body } = await library.as(actor).call(listImages, { query });
  return body.items;
}
const names = async (actor: Actor, query?: Query): Promise<string[]> =>
  (await listOf(actor, query)).map(({ name, origin }) => `${name} ${origin}`);
const share = (actor: Actor, ...shares: { kind: 'user' | 'group'; name: string }[]) =>
  library.as(actor).call(shareImage, { ...ENV, body: { shares } });
const create = (actor: Actor, imageId = 'adaenv000000', name = 'work') =>
  library.as(actor).call(createServer, { body: { name, imageId } });
const group = (name: string, ...members: Actor[]): void => {
  library.sharees.groups.set(`${name}00000000`.slice(0, 12), { name, members: members.map(({ userId }) => userId) });
};

describe('who sees and uses an image', () => {
  it('is its owner alone until it is shared; an admin finds it among all', async () => {
    expect(await names(ada)).toEqual(['env own', 'jupyterlab built-in']);
    expect(await names(bob)).toEqual(['jupyterlab built-in']);
    expect(await names(admin)).toEqual(['jupyterlab built-in']);
    expect(await names(admin, { scope: 'all' })).toEqual(['env shared', 'jupyterlab built-in']);
    expect((await library.as(bob).send('GET', '/api/v1/images?scope=all')).status).toBe(403);
    expect((await library.as(bob).call(getImage, ENV)).status).toBe(404);
    expect((await library.as(admin).call(getImage, ENV)).body).toMatchObject({
      ownerName: 'ada',
      visibility: 'private',
    });
    expect(await create(bob)).toMatchObject({ status: 400, fields: ['imageId'] });
    expect(await create(admin)).toMatchObject({ status: 400, fields: ['imageId'] });
  });

  it('is a person it is shared with, and no longer when the share goes', async () => {
    expect((await share(ada, { kind: 'user', name: 'bob' })).body.shares).toEqual([
      { kind: 'user', id: bob.userId, name: 'bob' },
    ]);
    const [shown] = await listOf(bob);
    expect(shown).toMatchObject({ name: 'env', origin: 'shared', ownerName: 'ada', shares: [] });
    expect(await names(library.carol)).toEqual(['jupyterlab built-in']);
    const { body: server } = await create(bob);
    expect(server).toMatchObject({ imageName: 'ada/env:1' });
    await library.world.rest(library.servers);
    await library.as(bob).call(stopServer, { params: { id: server.id } });
    await library.world.rest(library.servers);

    await share(ada);
    expect(await names(bob)).toEqual(['jupyterlab built-in']);
    const again = await library.as(bob).call(startServer, { params: { id: server.id } });
    expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining('no longer available') } });
  });

  it('is who is in a group it is shared with, for as long as that is so', async () => {
    group('class', ada, bob);
    expect((await share(ada, { kind: 'group', name: 'class' })).body.shares).toMatchObject([{ name: 'class' }]);
    expect(await names(bob)).toEqual(['env shared', 'jupyterlab built-in']);
    group('class', ada);
    expect(await names(bob)).toEqual(['jupyterlab built-in']);
    expect(await create(bob)).toMatchObject({ status: 400, fields: ['imageId'] });
    library.sharees.groups.clear();
    expect((await library.as(ada).call(getImage, ENV)).body.shares).toEqual([]);
  });

  it('is everybody when it is published, and that can be taken back', async () => {
    const published = await library.as(ada).call(updateImage, { ...ENV, body: { visibility: 'public' } });
    expect(published.body).toMatchObject({ visibility: 'public', origin: 'own' });
    expect(await names(bob)).toEqual(['env public', 'jupyterlab built-in']);
    expect((await create(bob)).status).toBe(201);
    expect(library.messages.at(-1)).toMatchObject({ event: { type: 'image' }, audience: { everyone: true } });
    await library.as(ada).call(updateImage, { ...ENV, body: { visibility: 'private' } });
    expect(library.messages.at(-1)).toMatchObject({ audience: { everyone: true } });
    expect(await names(bob)).toEqual(['jupyterlab built-in']);
  });

  it('stays so when its owner is deleted; what the owner was given does not', async () => {
    await library.add({ id: 'bobenv000000', name: 'bobs', ownerId: bob.userId });
    await library.as(bob).call(shareImage, {
      params: { id: 'bobenv000000' },
      body: { shares: [{ kind: 'user', name: 'ada' }] },
    });
    await library.as(ada).call(updateImage, { ...ENV, body: { visibility: 'public' } });
    await library.add({ id: 'adaown000000', name: 'secret', ownerId: ada.userId });
    await database.db.transaction((tx) => library.images.onUserDeleted(ada.userId, tx));
    expect(await names(library.carol)).toEqual(['env public', 'jupyterlab built-in']);
    expect((await create(library.carol)).status).toBe(201);
    expect(await names(admin, { scope: 'all' })).toContain('secret shared');
    expect((await library.as(bob).call(getImage, { params: { id: 'bobenv000000' } })).body.shares).toEqual([]);
  });
});

describe('the list', () => {
  it('finds by origin and by what is shown', async () => {
    await library.add({ id: 'bobpub000000', name: 'env', version: '2', ownerId: bob.userId, visibility: 'public' });
    await share(ada, { kind: 'user', name: 'bob' });
    expect(await names(bob, { origin: 'own' })).toEqual(['env own']);
    expect(await names(bob, { origin: 'shared' })).toEqual(['env shared']);
    expect(await names(bob, { origin: 'built-in' })).toEqual(['jupyterlab built-in']);
    expect(await names(ada, { origin: 'public' })).toEqual(['env public']);
    expect(await names(ada, { search: 'ENV:2' })).toEqual(['env public']);
    expect(await names(ada, { search: 'bob/env' })).toEqual(['env public']);
    expect(await names(ada, { search: '2  env' })).toEqual(['env public']);
    expect(await names(ada, { search: '2 other' })).toEqual([]);
    await library.add({ id: 'desk00000000', name: 'desk', visibility: 'public', editors: ['desktop'] });
    expect(await names(ada, { search: 'desktop' })).toEqual(['desk built-in']);
    expect(await names(ada, { search: 'nobody/env' })).toEqual([]);
    expect(await names(ada, { search: '%' })).toEqual([]);
    expect((await library.as(ada).send('GET', '/api/v1/images?search=%00')).status).toBe(200);
    expect(await library.as(ada).send('GET', '/api/v1/images?origin=mine')).toMatchObject({ fields: ['origin'] });
  });

  it('shows each image once over pages, also where many have one name', async () => {
    for (let index = 0; index < 7; index += 1) {
      const createdAt = `2030-01-0${1 + Math.floor(index / 3)}T00:00:00Z`;
      const owner = index % 2 === 0 ? ada : bob;
      const image = { name: 'env', version: `v${index}`, ownerId: owner.userId, visibility: 'public' as const };
      await library.add({ id: `many0000000${index}`, ...image, createdAt });
    }
    const whole = await listOf(ada);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await library.as(ada).call(listImages, { query: { limit: 2, cursor } });
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(whole.map(({ id }) => id));
    expect(new Set(seen).size).toBe(9);
    const times = whole.filter(({ name }) => name === 'env').map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(await library.as(ada).send('GET', '/api/v1/images?cursor=eA')).toMatchObject({ fields: ['cursor'] });
  });
});

describe('changing an image', () => {
  it('is for its owner and admins; whoever may use it is told so, for others it does not exist', async () => {
    const attempts = async (actor: Actor): Promise<number[]> => [
      (await library.as(actor).call(updateImage, { ...ENV, body: { description: 'x' } })).status,
      (await share(actor)).status,
      (await library.as(actor).call(deleteImage, ENV)).status,
      (await library.as(actor).send('PUT', '/api/v1/images/adaenv000000/launch', {})).status,
    ];
    expect(await attempts(bob)).toEqual([404, 404, 404, 403]);
    await library.as(ada).call(updateImage, { ...ENV, body: { visibility: 'public' } });
    expect(await attempts(bob)).toEqual([403, 403, 403, 403]);
    expect((await library.as(ada).send('PUT', '/api/v1/images/adaenv000000/launch', {})).status).toBe(403);
    expect(await attempts(admin)).toEqual([200, 200, 204, 404]);
    const builtIn = '/api/v1/images/builtin00000';
    expect((await library.as(admin).send('PATCH', builtIn, { description: 'x' })).status).toBe(403);
    expect((await library.as(admin).send('DELETE', builtIn)).status).toBe(403);
    expect((await library.as(admin).send('PUT', `${builtIn}/launch`, {})).status).toBe(200);
  });

  it('names the field that is wrong', async () => {
    const path = '/api/v1/images/adaenv000000';
    const client = library.as(ada);
    expect(await client.send('PATCH', path, { visibility: 'secret' })).toMatchObject({ fields: ['visibility'] });
    expect(await client.send('PATCH', path, { name: 'other' })).toMatchObject({ fields: ['name'] });
    expect(await client.send('PATCH', path, { description: 'x'.repeat(2001) })).toMatchObject({
      fields: ['description'],
    });
    expect(await client.send('PUT', `${path}/shares`, { shares: [{ kind: 'all', name: 'x' }] })).toMatchObject({
      fields: ['shares.0.kind'],
    });
    group('secret', bob);
    const unknown = [
      { kind: 'user' as const, name: 'bob' },
      { kind: 'user' as const, name: 'nobody' },
      { kind: 'group' as const, name: 'secret' },
    ];
    expect(await share(ada, ...unknown)).toMatchObject({ status: 400, fields: ['shares.1.name', 'shares.2.name'] });
    expect((await client.call(getImage, ENV)).body.shares).toEqual([]);
    expect(await client.send('GET', '/api/v1/images/x')).toMatchObject({ status: 400, fields: ['id'] });
    expect((await client.send('GET', '/api/v1/images/nosuchimage0')).status).toBe(404);
  });

  it('tells those who saw it before or see it now', async () => {
    group('class', ada, library.carol);
    await share(ada, { kind: 'user', name: 'bob' }, { kind: 'user', name: 'bob' }, { kind: 'user', name: 'ada' });
    expect(library.messages.at(-1)?.audience.userIds).toEqual([ada.userId, bob.userId]);
    await share(ada, { kind: 'group', name: 'class' });
    const { audience, event } = library.messages.at(-1)!;
    expect([...(audience.userIds ?? [])].sort()).toEqual([ada.userId, bob.userId, library.carol.userId].sort());
    expect(event).toMatchObject({ type: 'image', id: 'adaenv000000' });
    await library.as(ada).call(updateImage, { ...ENV, body: { description: 'better' } });
    expect(library.messages.at(-1)!.event.version).toBeGreaterThan(event.version);
  });
});

describe('from inside a server', () => {
  it('the owner’s images can be listed, described, shared and deleted, nothing of others', async () => {
    await library.add({ id: 'bobenv000000', name: 'bobs', ownerId: bob.userId });
    await library.add({ id: 'bobpub000000', name: 'bobpub', ownerId: bob.userId, visibility: 'public' });
    const { body: server } = await create(ada, 'builtin00000');
    const inside = library.inside(ada, server.id);
    const { body: listed } = await inside.call(listImages, {});
    expect(listed.items.map(({ name }) => name)).toEqual(['bobpub', 'env', 'jupyterlab']);
    expect((await inside.call(updateImage, { ...ENV, body: { description: 'from inside' } })).status).toBe(200);
    expect((await inside.call(shareImage, { ...ENV, body: { shares: [{ kind: 'user', name: 'bob' }] } })).status).toBe(
      200,
    );
    expect((await inside.send('DELETE', '/api/v1/images/bobenv000000')).status).toBe(404);
    expect((await inside.send('DELETE', '/api/v1/images/bobpub000000')).status).toBe(403);
    expect((await inside.call(deleteImage, ENV)).status).toBe(204);
  });

  it('an admin is none', async () => {
    const { body: server } = await create(admin, 'builtin00000');
    const inside = library.inside(admin, server.id);
    expect((await inside.call(getImage, ENV)).status).toBe(404);
    expect((await inside.call(deleteImage, ENV)).status).toBe(404);
    expect((await inside.send('GET', '/api/v1/images?scope=all')).status).toBe(403);
    expect((await inside.send('POST', '/api/v1/images/upload?name=a&version=1')).status).toBe(403);
  });
});

describe('launch options', () => {
  const set = (launch: Partial<LaunchOptions>) => library.as(admin).call(setImageLaunch, { ...ENV, body: launch });

  it('reach the container, and the editors that are offered the server', async () => {
    await library.add({
      id: 'both00000000',
      name: 'both',
      ownerId: ada.userId,
      editors: ['jupyterlab', 'code-server'],
    });
    const launch = { sudo: true, environment: { HF_HOME: '/data/user/hf' }, command: ['tensorboard', '--port=6006'] };
    const { body } = await library
      .as(admin)
      .call(setImageLaunch, { params: { id: 'both00000000' }, body: { ...launch, editors: ['code-server'] } });
    expect(body.launch).toEqual({ needsGpu: false, ...launch, editors: ['code-server'] });
    const { body: server } = await create(ada, 'both00000000');
    expect(server.editors).toEqual(['code-server']);
    await library.world.rest(library.servers);
    const { spec } = library.world.engine.of(server.id)!;
    expect(spec).toMatchObject({ launch, editors: ['code-server'] });
    expect((await library.as(ada).call(getServer, { params: { id: server.id } })).body.phase).toBe('running');
  });

  it('refuse a server without a card where the image needs one', async () => {
    const { body: server } = await create(ada);
    await library.as(ada).call(stopServer, { params: { id: server.id } });
    await library.world.rest(library.servers);
    await set({ needsGpu: true });
    expect(await create(ada, 'adaenv000000', 'second')).toMatchObject({ status: 400, fields: ['resources.gpu'] });
    const started = await library.as(ada).call(startServer, { params: { id: server.id } });
    expect(started).toMatchObject({ status: 409, body: { detail: expect.stringContaining('need a GPU') } });
  });

  it.each([
    [{ environment: { LD_PRELOAD: '/tmp/x.so' } }, 'environment.LD_PRELOAD'],
    [{ environment: { DAVIT_SERVER_ID: 'x' } }, 'environment.DAVIT_SERVER_ID'],
    [{ environment: { HOME: '/' } }, 'environment.HOME'],
    [{ environment: { 'A B': 'x' } }, 'environment.A B'],
    [{ environment: { A: 'x\n' } }, 'environment.A'],
    [{ command: [] }, 'command'],
    [{ editors: ['desktop'] }, 'editors'],
    [{ privileged: true }, 'privileged'],
  ])('refuse %j and name the field', async (body, field) => {
    const answer = await library.as(admin).send('PUT', '/api/v1/images/adaenv000000/launch', body);
    expect(answer).toMatchObject({ status: 400, fields: [field] });
  });
});

describe('deleting an image', () => {
  it('is refused with the list while a server uses it, and goes when the last one is deleted', async () => {
    await library.as(ada).call(updateImage, { ...ENV, body: { visibility: 'public' } });
    const { body: mine } = await create(ada);
    const { body: theirs } = await create(bob, 'adaenv000000', 'lab');
    const refused = await library.as(ada).call(deleteImage, ENV);
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('2 servers use the image env:1') },
    });
    // Both were created in the same moment of the test's clock.
    const { details } = refused.body as unknown as { details: { servers: { name: string }[] } };
    expect(details.servers.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { id: theirs.id, name: 'lab', ownerName: 'bob' },
      { id: mine.id, name: 'work', ownerName: 'ada' },
    ]);
    const inside = await library.inside(ada, mine.id).call(deleteImage, ENV);
    expect((inside.body as unknown as { details: { servers: unknown[] } }).details.servers).toHaveLength(1);
    await library.as(ada).call(deleteServer, { params: { id: mine.id } });
    await library.as(bob).call(deleteServer, { params: { id: theirs.id } });
    expect((await library.as(ada).call(deleteImage, ENV)).status).toBe(204);
    expect((await library.as(ada).call(getImage, ENV)).status).toBe(404);
    expect((await library.as(ada).call(deleteImage, ENV)).status).toBe(404);
    expect(await create(bob, 'adaenv000000', 'more')).toMatchObject({ status: 400, fields: ['imageId'] });
  });

  it('has the engine forget it afterwards, through its refusals and a restart of the hub', async () => {
    await library.as(ada).call(deleteImage, ENV);
    expect(library.maker.removed).toEqual([]);
    library.maker.refusal = new Error('image is in use by a container');
    await library.images.settle();
    await library.restart();
    await library.images.settle();
    expect(library.maker.removed).toEqual([]);
    library.maker.refusal = undefined;
    await library.images.settle();
    expect(library.maker.removed).toEqual(['localhost/davit/made/adaenv000000:1']);
    await library.images.settle();
    expect(library.maker.removed).toHaveLength(1);
    const [rows] = await database.db.query(`SELECT 1 FROM image_locations WHERE image_id = 'adaenv000000'`);
    expect(rows).toEqual([]);
  });

  it('leaves in the engine what another image of the same repository is too', async () => {
    await library.add({ id: 'adaother0000', name: 'other', ownerId: ada.userId });
    await library.add({ id: 'adathird0000', name: 'third', ownerId: ada.userId });
    for (const [id, repository] of [
      ['adaenv000000', 'saved/ada/env'],
      ['adaother0000', 'saved/ada/env'],
      ['adathird0000', 'saved/ada/third'],
    ] as const) {
      const replacements = { id, ref: `registry.test:5000/${repository}:${id}` };
      await database.db.query(`UPDATE image_locations SET ref = :ref, digest = 'sha256:same' WHERE image_id = :id`, {
        replacements,
      });
    }
    const remove = async (id: string) => {
      await library.as(ada).call(deleteImage, { params: { id } });
      await library.images.settle();
      return library.maker.removed;
    };
    expect(await remove('adaenv000000')).toEqual([]);
    const [rows] = await database.db.query(`SELECT 1 FROM image_locations WHERE image_id = 'adaenv000000'`);
    expect(rows).toEqual([]);
    expect(await remove('adaother0000')).toEqual(['registry.test:5000/saved/ada/env:adaother0000']);
  });

  it('gives its name free, and its servers’ records keep it', async () => {
    const { body: server } = await create(ada);
    await library.as(ada).call(deleteServer, { params: { id: server.id } });
    await library.as(ada).call(deleteImage, ENV);
    await library.add({ id: 'again0000000', name: 'env', ownerId: ada.userId });
    expect((await library.images.service.names(['adaenv000000'])).get('adaenv000000')).toBe('ada/env:1');
  });

  it('and creating a server of it at the same time: one of the two wins', async () => {
    for (let round = 0; round < 12; round += 1) {
      const id = `race${String(round).padStart(8, '0')}`;
      await library.add({ id, name: `race${round}`, ownerId: ada.userId });
      const [created, deleted] = await Promise.all([
        create(ada, id, `server ${round}`),
        library.as(ada).call(deleteImage, { params: { id } }),
      ]);
      expect([created.status === 201, deleted.status === 204].filter(Boolean)).toHaveLength(1);
      expect([201, 400]).toContain(created.status);
      expect([204, 409]).toContain(deleted.status);
      if (created.status === 201) {
        await library.as(ada).call(deleteServer, { params: { id: created.body.id } });
        await library.world.rest(library.servers);
      }
    }
  });
});
