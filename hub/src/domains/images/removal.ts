import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { ImageMaker } from './imageMaker.ts';
import type { Leftover, LibraryStore } from './libraryStore.ts';
import type { ImageStore } from './store.ts';

export interface RemovalOptions {
  library: LibraryStore;
  images: ImageStore;
  maker: Pick<ImageMaker, 'remove'>;
  log: Logger;
}

/**
 * Has the engine forget the images that people deleted. What is left to do is in the rows: a location goes only after the
 * engine's image, so a hub that dies in between, or an engine that is away, is made up for by the next look.
 */
export class Removal {
  readonly #options: RemovalOptions;

  constructor(options: RemovalOptions) {
    this.#options = options;
  }

  async tick(signal: AbortSignal): Promise<void> {
    for (const leftover of await this.#options.library.leftovers()) {
      signal.throwIfAborted();
      await this.#remove(leftover);
    }
  }

  /** A container that still ends, or a build on top, holds an image for a while: it is tried again. */
  async #remove({ imageId, ref, digest, isShared }: Leftover): Promise<void> {
    const { maker, images, log } = this.#options;
    try {
      if (!isShared) await maker.remove(ref, digest);
      await images.dropLocation(imageId);
      log.info({ image: imageId, ref }, 'deleted image removed from the engine');
    } catch (error) {
      log.warn({ image: imageId, ref, error: messageOf(error) }, 'a deleted image stays in the engine for now');
    }
  }
}
