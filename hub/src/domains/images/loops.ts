import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { Loop, type LoopOptions } from '../../platform/loop.ts';
import type { Hold, Ticket } from '../../platform/ticket.ts';
import { BuildSweep } from './buildSweep.ts';
import type { ImageMaker } from './imageMaker.ts';
import type { LibraryStore } from './libraryStore.ts';
import type { BuildShelf } from './oldBuilds.ts';
import { Removal } from './removal.ts';
import type { ImagesService } from './service.ts';
import type { ImageStore } from './store.ts';

export interface ImageLoopsOptions {
  images: ImageStore;
  library: LibraryStore;
  service: ImagesService;
  maker: ImageMaker;
  bus: Bus;
  clock: Clock;
  log: Logger;
  ticket: Ticket;
  oldBuilds?: { shelf: BuildShelf; days: number; pinned: () => Promise<readonly string[]> };
  refreshMs?: number;
  onTick?: LoopOptions['onTick'];
}

const REFRESH_MS = 60_000;
/** The engine unpacks nothing to remove an image, but may wait behind a build. */
const REMOVAL_TIMEOUT_MS = 10 * 60_000;
/** A build becomes old after days, and an engine with many images takes long to list them. */
const OLD_BUILDS_MS = 60 * 60_000;

/** What goes on by itself: looking which images are there, removing deleted ones, and builds of earlier versions. */
export class ImageLoops {
  readonly #options: ImageLoopsOptions;
  readonly #removal: Removal;
  readonly #refreshing: Loop;
  readonly #removing: Loop;
  readonly #sweeping: Loop | undefined;
  readonly #ends: (() => void)[] = [];
  /** Under which hold the catalogue's rows were written last. */
  #synced: Hold | undefined;

  constructor(options: ImageLoopsOptions) {
    const { oldBuilds, refreshMs: everyMs = REFRESH_MS, ticket, log, onTick } = options;
    this.#options = options;
    this.#removal = new Removal(options);
    const shared = { ticket, log, onTick };
    this.#refreshing = new Loop({ name: 'images', everyMs, run: () => this.#refresh(), ...shared });
    this.#removing = new Loop({
      name: 'image-removal',
      everyMs,
      timeoutMs: REMOVAL_TIMEOUT_MS,
      run: (signal) => this.#removal.tick(signal),
      ...shared,
    });
    this.#sweeping = oldBuilds === undefined ? undefined : sweepLoop(options, oldBuilds);
  }

  /** Writes the catalogue's rows and begins. */
  async start(): Promise<void> {
    const { bus, ticket, service } = this.#options;
    const look = (): void => {
      this.#refreshing.wake();
      this.#removing.wake();
    };
    this.#ends.push(
      // A build that was wanted or an image that was deleted at another hub.
      bus.subscribe(({ event, elsewhere }) => {
        if (event.type === 'image' && elsewhere === true) look();
      }, look),
      ticket.onChange(async (hold) => {
        if (hold === undefined) await service.stop();
      }),
    );
    if (ticket.hold !== undefined) await service.syncCatalogue();
    this.#synced = ticket.hold;
    this.#refreshing.start();
    this.#removing.start();
    this.#sweeping?.start();
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await Promise.all([this.#refreshing.stop(), this.#removing.stop(), this.#sweeping?.stop()]);
  }

  /** Somebody deleted an image. */
  wakeRemoval(): void {
    this.#removing.wake();
  }

  /** One look at what is deleted, instead of start(): for tests. */
  settle(): Promise<void> {
    return this.#removal.tick(AbortSignal.timeout(60_000));
  }

  async #refresh(): Promise<void> {
    const { ticket, service } = this.#options;
    // The rows are as the hub that acts has them: of two versions of Davit, one offers its images.
    if (this.#synced !== ticket.hold) await service.syncCatalogue();
    this.#synced = ticket.hold;
    await service.refresh();
  }
}

function sweepLoop(
  { images, clock, log, ticket, onTick }: ImageLoopsOptions,
  { shelf, days, pinned }: NonNullable<ImageLoopsOptions['oldBuilds']>,
): Loop {
  const keptDigests = async (): Promise<string[]> => [...(await images.digests()), ...(await pinned())];
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
