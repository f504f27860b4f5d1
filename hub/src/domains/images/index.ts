import { previewSave, saveServer } from '@davit/contract';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { Logger } from '../../platform/log.ts';
import { Loop, type LoopOptions } from '../../platform/loop.ts';
import type { ImageSource } from './imageSource.ts';
import { createImageJobs } from './jobs/index.ts';
import { Saves } from './jobs/saves.ts';
import { imageRoutes } from './routes.ts';
import type { ServerSaver } from './saver.ts';
import { ImagesService } from './service.ts';
import { ImageStore } from './store.ts';

export type * from './imageSource.ts';
export type * from './saver.ts';
export { ImageFailed } from './builds.ts';
export { ImageJobFailed } from './jobs/model.ts';
export type { EnsureOptions } from './builds.ts';
export type { ImagesService } from './service.ts';

export interface ImagesDomainOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  source: ImageSource;
  /** Name of the engine whose image locations count, as in `Spawner.engine`. */
  engine: string;
  /** The servers that people save; asked when needed, because they ask for images themselves. */
  servers: () => ServerSaver;
  /** Milliseconds between looks at which images the engine has. */
  refreshMs?: number;
  onTick?: LoopOptions['onTick'];
}

export interface ImagesDomain {
  service: ImagesService;
  /** Cancels what a person has under way, in the transaction that deletes the person. */
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
export function createImagesDomain(options: ImagesDomainOptions): ImagesDomain {
  const service = new ImagesService({ ...options, store: new ImageStore(options.db, options.engine) });
  const loop = new Loop({
    name: 'images',
    everyMs: options.refreshMs ?? 60_000,
    run: () => service.refresh(),
    log: options.log,
    onTick: options.onTick,
  });
  const jobs = createImageJobs(options);
  const saves = new Saves({
    servers: options.servers,
    jobs: jobs.service,
    store: jobs.store,
    editorsOf: (id) => service.editorsOf(id),
  });
  jobs.runner.handle('save', saves);
  return {
    service,
    onUserDeleted: (userId, tx) => jobs.service.onUserDeleted(userId, tx),
    savingServers: async () => {
      const saving = (await jobs.store.unfinished()).filter(({ kind }) => kind === 'save');
      return new Set(saving.map(({ serverId }) => serverId).filter((id) => id !== null));
    },
    routes: (api) => {
      imageRoutes(api, service);
      jobs.routes(api);
      api
        .on(previewSave, ({ params }, { actor }) => saves.preview(actor, params.id))
        .on(saveServer, ({ params, body }, { actor }) => saves.save(actor, params.id, body));
    },
    start: async () => {
      await service.syncCatalogue();
      loop.start();
      jobs.start();
    },
    settle: () => jobs.settle(),
    stop: async () => {
      await Promise.all([loop.stop(), jobs.stop()]);
      await service.stop();
    },
  };
}
