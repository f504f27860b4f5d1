import type { Image } from '@davit/contract';
import { rm } from 'node:fs/promises';
import { createImagesDomain, type ImagesDomain, type ImageSource } from '../../src/domains/images/index.ts';
import type { ServersDomain } from '../../src/domains/servers/index.ts';
import type { Actor } from '../../src/platform/auth.ts';
import { Bus, type BusMessage } from '../../src/platform/bus.ts';
import type { Database } from '../../src/platform/db.ts';
import { ApiRouter } from '../../src/platform/http.ts';
import { createLog } from '../../src/platform/log.ts';
import { serveApi, TestClient } from '../apiHarness.ts';
import { imageDoubles, type FakeMaker, type FakeSharees } from '../imageDoubles.ts';
import { createWorld, type World } from './harness.ts';

/** Real images and servers over one database, behind real HTTP; the engine, people and groups are played. */
export interface LibraryWorld {
  world: World;
  images: ImagesDomain;
  servers: ServersDomain;
  maker: FakeMaker;
  sharees: FakeSharees;
  uploadsDirectory: string;
  messages: BusMessage[];
  url: string;
  /** Teacher of nobody: somebody who has nothing to do with anything. */
  carol: Actor;
  as: (actor: Actor) => TestClient;
  /** Calls as a person from inside a server of the person. */
  inside: (actor: Actor, serverId: string) => TestClient;
  /** Adds an image, ready, and the engine's location of it. */
  add: (image: Partial<Omit<Image, 'createdAt'>> & { id: string; createdAt?: string }) => Promise<void>;
  /** Another hub in the place of this one, which is ended. */
  restart: () => Promise<void>;
  end: () => Promise<void>;
}

export const SOURCE: ImageSource = {
  catalogue: () => [],
  present: () => Promise.resolve({ ref: 'localhost/davit/base:1', digest: 'sha256:base', sizeBytes: 1 }),
  locate: (digest) => Promise.resolve({ ref: digest, digest, sizeBytes: 1 }),
  ensure: () => Promise.reject(new Error('nothing is built here')),
};

export async function createLibraryWorld(db: Database, maxBytes = 2 ** 20): Promise<LibraryWorld> {
  const world = createWorld(db);
  const messages: BusMessage[] = [];
  const bus = new Bus();
  bus.subscribe((message) => messages.push(message));
  const doubles = imageDoubles();
  const uploads = { ...doubles.uploads, maxBytes };
  const boot = (): ImagesDomain =>
    createImagesDomain({
      ...doubles,
      uploads,
      db,
      bus,
      clock: world.clock,
      log: createLog('silent'),
      source: SOURCE,
      engine: 'fake',
      servers: () => servers.saver,
      serversOf: (id, tx) => servers.service.ofImage(id, tx),
    });
  const carol = world.people.add('carol0000000');
  const actors = new Map([world.ada, world.bob, world.admin, carol].map((actor) => [actor.userId, actor]));
  for (const { userId, name } of actors.values()) doubles.sharees.people.set(userId, name);
  let images = boot();
  const servers = world.hub({
    images: {
      findUsable: (actor, id) => images.service.findUsable(actor, id),
      hold: (id, tx) => images.service.hold(id, tx),
      launchOf: (id) => images.service.launchOf(id),
      names: (ids) => images.service.names(ids),
      ensureImage: (id, options) => images.service.ensureImage(id, options),
    },
  });
  const serve = async () => {
    const api = new ApiRouter();
    images.routes(api);
    servers.routes(api, { issueLink: () => Promise.reject(new Error('no links here')) });
    return serveApi(api, (headers) => {
      const actor = actors.get(String(headers['x-as']));
      const server = headers['x-server'];
      if (actor === undefined || server === undefined) return Promise.resolve(actor);
      const scopes = new Set(['read', 'servers'] as const);
      return Promise.resolve({ ...actor, role: 'user', scopes, server: { id: String(server) } });
    });
  };
  let served = await serve();
  const client = (headers: Record<string, string>): TestClient => new TestClient(served.url, headers);
  const made: LibraryWorld = {
    world,
    get images() {
      return images;
    },
    servers,
    maker: doubles.maker,
    sharees: doubles.sharees,
    uploadsDirectory: uploads.directory,
    messages,
    get url() {
      return served.url;
    },
    carol,
    as: (actor) => client({ 'x-as': actor.userId }),
    inside: (actor, serverId) => client({ 'x-as': actor.userId, 'x-server': serverId }),
    add: async (given) => {
      const image = {
        ...{ ownerId: null, name: given.id, version: '1', title: given.name ?? given.id, description: '' },
        ...{ visibility: 'private', phase: 'ready', createdAt: '2030-01-01T00:00:00Z' },
        ...given,
        editors: JSON.stringify(given.editors ?? ['jupyterlab']),
      };
      const sql = `INSERT INTO images (id, owner_id, name, version, title, description, visibility, editors, phase, created_at)
        VALUES ($id, $ownerId, $name, $version, $title, $description, $visibility, $editors, $phase, $createdAt)`;
      await db.query(sql, { bind: image });
      const located = { id: given.id, ref: `localhost/davit/made/${given.id}:1`, digest: `sha256:${given.id}` };
      await db.query(`INSERT INTO image_locations VALUES ($id, 'fake', $ref, $digest, 1000)`, { bind: located });
    },
    restart: async () => {
      await served.close();
      await images.stop();
      images = boot();
      served = await serve();
    },
    end: async () => {
      await served.close();
      await images.stop();
      await world.end();
      await rm(uploads.directory, { recursive: true, force: true });
      await db.query('TRUNCATE images, image_locations, image_jobs, image_shares CASCADE');
    },
  };
  return made;
}
