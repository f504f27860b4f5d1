import { previewSave, saveServer } from '@davit/contract';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { Logger } from '../../platform/log.ts';
import { Loop, type LoopOptions } from '../../platform/loop.ts';
import { ALWAYS_HELD, type Hold, type Ticket } from '../../platform/ticket.ts';
import type { ImageSource } from './imageSource.ts';
import type { ImageMaker } from './imageMaker.ts';
import { DockerfileBuilds } from './jobs/dockerfileBuilds.ts';
import { createImageJobs } from './jobs/index.ts';
import type { DiskOf } from './jobs/receive.ts';
import { Saves } from './jobs/saves.ts';
import { Uploads } from './jobs/uploads.ts';
import { BuildSweep } from './buildSweep.ts';
import { Library, type ServerOfImage } from './library.ts';
import { LibraryStore } from './libraryStore.ts';
import type { BuildShelf } from './oldBuilds.ts';
import { Removal } from './removal.ts';
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

/** The engine unpacks nothing to remove an image, but may wait behind a build. */
const REMOVAL_TIMEOUT_MS = 10 * 60_000;
/** A build becomes old after days, and an engine with many images takes long to list them. */
const OLD_BUILDS_MS = 60 * 60_000;

/** The images that servers start from: rows in the database, built on first need by the source. */
export function createImagesDomain({ ticket = ALWAYS_HELD, ...given }: ImagesDomainOptions): ImagesDomain {
  const options = { ...given, ticket };
  const { db, bus, engine, log, sharees, maker, onTick } = options;
  const store = new ImageStore(db, engine);
  const libraryStore = new LibraryStore(db, engine);
  const view = new ImageView(libraryStore, sharees);
  const service = new ImagesService({ ...options, store, library: libraryStore, view });
  const library = new Library({ ...options, store: libraryStore, view, onDeleted: () => removing.wake() });
  const loop = new Loop({
    name: 'images',
    everyMs: options.refreshMs ?? 60_000,
    run: async () => {
      // The rows are as the hub that acts has them: of two versions of Davit, one offers its images.
      if (synced !== ticket.hold) await service.syncCatalogue();
      synced = ticket.hold;
      await service.refresh();
    },
    ticket,
    log,
    onTick,
  });
  const removal = new Removal({ library: libraryStore, images: store, maker, log });
  const removing = new Loop({
    name: 'image-removal',
    everyMs: options.refreshMs ?? 60_000,
    timeoutMs: REMOVAL_TIMEOUT_MS,
    run: (signal) => removal.tick(signal),
    ticket,
    log,
    onTick,
  });
  const sweeping = options.oldBuilds === undefined ? undefined : sweepLoop(options, options.oldBuilds, store);
  const jobs = createImageJobs(options);
  const saves = new Saves({
    servers: options.servers,
    jobs: jobs.service,
    store: jobs.store,
    editorsOf: (id) => service.editorsOf(id),
    ticket,
  });
  const made = { maker, jobs: jobs.service, store: jobs.store };
  const uploads = new Uploads({ ...made, ...options.uploads, clock: options.clock });
  const builds = new DockerfileBuilds({
    ...made,
    mayUse: async (actor, id) => (await service.findUsable(actor, id)) !== undefined,
    ensureImage: (id, asked) => service.ensureImage(id, asked),
  });
  jobs.runner.handle('save', saves);
  jobs.runner.handle('upload', uploads);
  jobs.runner.handle('build', builds);
  let synced: Hold | undefined;
  const look = (): void => {
    loop.wake();
    removing.wake();
  };
  const ends: (() => void)[] = [];
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
      ends.push(
        // A build that was wanted or an image that was deleted at another hub.
        bus.subscribe(({ event, elsewhere }) => {
          if (event.type === 'image' && elsewhere === true) look();
        }, look),
        ticket.onChange(async (hold) => {
          if (hold === undefined) await service.stop();
        }),
      );
      if (ticket.hold !== undefined) await service.syncCatalogue();
      synced = ticket.hold;
      loop.start();
      removing.start();
      sweeping?.start();
      jobs.start();
    },
    settle: async () => {
      await jobs.settle();
      await removal.tick(AbortSignal.timeout(60_000));
    },
    stop: async () => {
      for (const end of ends.splice(0)) end();
      await Promise.all([loop.stop(), removing.stop(), sweeping?.stop(), jobs.stop()]);
      await service.stop();
    },
  };
}

function sweepLoop(
  options: Pick<ImagesDomainOptions, 'clock' | 'log' | 'ticket' | 'onTick'>,
  { shelf, days, pinned }: NonNullable<ImagesDomainOptions['oldBuilds']>,
  store: ImageStore,
): Loop {
  const { clock, log, ticket, onTick } = options;
  const keptDigests = async (): Promise<string[]> => [...(await store.digests()), ...(await pinned())];
  const sweep = new BuildSweep({ shelf, days, keptDigests, clock, log });
  const begun = clock.now().getTime();
  return new Loop({
    name: 'old-builds',
    everyMs: OLD_BUILDS_MS,
    timeoutMs: REMOVAL_TIMEOUT_MS,
    run: async (signal) => {
      // A hub that just began has more urgent things to ask the engine for.
      if (clock.now().getTime() - begun >= OLD_BUILDS_MS / 2) await sweep.tick(signal);
    },
    ticket,
    log,
    onTick,
  });
}
