import { previewSave, saveServer } from '@davit/contract';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { Logger } from '../../platform/log.ts';
import type { LoopOptions } from '../../platform/loop.ts';
import { ALWAYS_HELD, type Ticket } from '../../platform/ticket.ts';
import type { ImageSource } from './imageSource.ts';
import type { ImageMaker } from './imageMaker.ts';
import { DockerfileBuilds } from './jobs/dockerfileBuilds.ts';
import { createImageJobs } from './jobs/index.ts';
import type { DiskOf } from './jobs/receive.ts';
import { Saves } from './jobs/saves.ts';
import { Uploads } from './jobs/uploads.ts';
import { Library, type ServerOfImage } from './library.ts';
import { LibraryStore } from './libraryStore.ts';
import { ImageLoops } from './loops.ts';
import type { BuildShelf } from './oldBuilds.ts';
import { imageRoutes } from './routes.ts';
import type { ServerSaver } from './saver.ts';
import { ImagesService } from './service.ts';
import type { Sharees } from './sharees.ts';
import { ImageStore } from './store.ts';
import { ImageView } from './view.ts';

export type * from './imageMaker.ts';
export type * from './imageSource.ts';
export type * from './saver.ts';
export type { BuildShelf, EngineImage } from './oldBuilds.ts';
export { ImageFailed } from './builds.ts';
export { ImageJobFailed } from './jobs/model.ts';
export type { EnsureOptions } from './builds.ts';
export type { ServerOfImage } from './library.ts';
export type { ImagesService } from './service.ts';
export type { Sharees } from './sharees.ts';

export interface ImagesDomainOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  /** With several hubs on one database: which of them makes and removes images. */
  ticket?: Ticket;
  source: ImageSource;
  /** Name of the engine whose image locations count, as in `Spawner.engine`. */
  engine: string;
  /** The servers that people save; asked when needed, because they ask for images themselves. */
  servers: () => ServerSaver;
  maker: ImageMaker;
  sharees: Sharees;
  /** Servers that are there and were created from the image. */
  serversOf: (imageId: string, tx: Transaction) => Promise<ServerOfImage[]>;
  /** Builds of earlier versions that the engine keeps, which go `days` after a newer one came; undefined: they stay. */
  oldBuilds?: { shelf: BuildShelf; days: number; pinned: () => Promise<readonly string[]> };
  /** Archives that admins upload: where they lie meanwhile, and how large one may be. */
  uploads: { directory: string; maxBytes: number; diskOf: DiskOf };
  /** Milliseconds between looks at which images the engine has. */
  refreshMs?: number;
  onTick?: LoopOptions['onTick'];
}

export interface ImagesDomain {
  service: ImagesService;
  /**
   * Cancels what a person has under way and shares nothing with the person any more, in the transaction that deletes the
   * person. The person's images stay: public and shared ones for those who use them, private ones until an admin removes them.
   */
  onUserDeleted(userId: string, tx: Transaction): Promise<void>;
  /** Servers of which an image is being saved, or waits to be. */
  savingServers(): Promise<ReadonlySet<string>>;
  routes(api: ApiRouter): void;
  /** Writes the catalogue's rows and begins to watch which images are there. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** One look at the jobs and all that follows from it, instead of start(): for tests. */
  settle(): Promise<void>;
}

/** The images that servers start from: rows in the database, built on first need by the source. */
export function createImagesDomain({ ticket = ALWAYS_HELD, ...given }: ImagesDomainOptions): ImagesDomain {
  const options = { ...given, ticket };
  const { db, engine, sharees } = options;
  const store = new ImageStore(db, engine);
  const libraryStore = new LibraryStore(db, engine);
  const view = new ImageView(libraryStore, sharees);
  const service = new ImagesService({ ...options, store, library: libraryStore, view });
  const library = new Library({ ...options, store: libraryStore, view, onDeleted: () => loops.wakeRemoval() });
  const loops = new ImageLoops({ ...options, images: store, library: libraryStore, service });
  const jobs = createImageJobs(options);
  const { saves, uploads, builds } = createMakings(options, jobs, service);
  return {
    service,
    onUserDeleted: async (userId, tx) => {
      await jobs.service.onUserDeleted(userId, tx);
      await libraryStore.dropSharesWith('user', userId, tx);
    },
    savingServers: async () => {
      const saving = (await jobs.store.unfinished()).filter(({ kind }) => kind === 'save');
      return new Set(saving.map(({ serverId }) => serverId).filter((id) => id !== null));
    },
    routes: (api) => {
      imageRoutes(api, { service, library, uploads, builds });
      jobs.routes(api);
      api
        .on(previewSave, ({ params }, { actor }) => saves.preview(actor, params.id))
        .on(saveServer, ({ params, body }, { actor }) => saves.save(actor, params.id, body));
    },
    start: async () => {
      await loops.start();
      jobs.start();
    },
    settle: async () => {
      await jobs.settle();
      await loops.settle();
    },
    stop: async () => {
      await Promise.all([loops.stop(), jobs.stop()]);
      await service.stop();
    },
  };
}

/** The ways in which images are made, each the handler of its kind of job. */
function createMakings(
  options: ImagesDomainOptions & { ticket: Ticket },
  { service: jobs, store, runner }: ReturnType<typeof createImageJobs>,
  images: ImagesService,
) {
  const { maker, servers, ticket, clock } = options;
  const saves = new Saves({ servers, jobs, store, editorsOf: (id) => images.editorsOf(id), ticket });
  const uploads = new Uploads({ maker, jobs, store, ...options.uploads, clock });
  const builds = new DockerfileBuilds({
    ...{ maker, jobs, store },
    mayUse: async (actor, id) => (await images.findUsable(actor, id)) !== undefined,
    ensureImage: (id, asked) => images.ensureImage(id, asked),
  });
  runner.handle('save', saves);
  runner.handle('upload', uploads);
  runner.handle('build', builds);
  return { saves, uploads, builds };
}
