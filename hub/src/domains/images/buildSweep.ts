import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { oldBuilds, type BuildShelf, type EngineImage } from './oldBuilds.ts';

export interface BuildSweepOptions {
  shelf: BuildShelf;
  /** Days for which an old build stays after a newer one came. */
  days: number;
  /** Images that rows of this hub name, wherever they came from. */
  keptDigests: () => Promise<readonly string[]>;
  clock: Clock;
  log: Logger;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Has the engine forget builds of earlier versions of Davit: each update leaves gigabytes of them on the machine. */
export class BuildSweep {
  readonly #options: BuildSweepOptions;

  constructor(options: BuildSweepOptions) {
    this.#options = options;
  }

  async tick(signal: AbortSignal): Promise<void> {
    const { shelf, days, clock, keptDigests } = this.#options;
    const images = await shelf.images(signal);
    const use = {
      wanted: new Set(shelf.wanted()),
      kept: new Set(await keptDigests()),
      before: new Date(clock.now().getTime() - days * DAY_MS),
    };
    for (const image of oldBuilds(images, use)) {
      signal.throwIfAborted();
      await this.#remove(image);
    }
  }

  /** What is refused, because somebody began to use it, is tried again by the next look. */
  async #remove({ refs, digest }: EngineImage): Promise<void> {
    const { shelf, log } = this.#options;
    try {
      for (const ref of refs) await shelf.remove(ref);
      log.info({ refs, digest }, 'old build removed from the engine');
    } catch (error) {
      log.warn({ refs, digest, error: messageOf(error) }, 'an old build stays in the engine for now');
    }
  }
}
