import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { Logger } from '../../platform/log.ts';
import { Loop, type LoopOptions } from '../../platform/loop.ts';
import type { ImageSource } from './imageSource.ts';
import { imageRoutes } from './routes.ts';
import { ImagesService } from './service.ts';
import { ImageStore } from './store.ts';

export type * from './imageSource.ts';
export { ImageFailed } from './builds.ts';
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
  /** Milliseconds between looks at which images the engine has. */
  refreshMs?: number;
  onTick?: LoopOptions['onTick'];
}

export interface ImagesDomain {
  service: ImagesService;
  routes(api: ApiRouter): void;
  /** Writes the catalogue's rows and begins to watch which images are there. */
  start(): Promise<void>;
  stop(): Promise<void>;
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
  return {
    service,
    routes: (api) => imageRoutes(api, service),
    start: async () => {
      await service.syncCatalogue();
      loop.start();
    },
    stop: async () => {
      await loop.stop();
      await service.stop();
    },
  };
}
