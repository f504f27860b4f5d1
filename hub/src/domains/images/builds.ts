import type { Logger } from '../../platform/log.ts';
import { messageOf } from '../../platform/errors.ts';
import type { BuildProgress, ImageLocation, ImageSource } from './imageSource.ts';
import type { ImageRecord } from './model.ts';
import type { ChangedImage, ImageStore } from './store.ts';

/** The image cannot be had; the message is for a person. Starting again tries to build again. */
export class ImageFailed extends Error {}

/** What an image says until its build tells more. */
export const STARTING_BUILD = 'starting the build';

export interface EnsureOptions {
  /** Ends the waiting, never the build: the next start will want it too. */
  signal: AbortSignal;
  onProgress: (progress: BuildProgress) => void;
}

interface Build {
  location: Promise<ImageLocation>;
  /** Settles once the row tells that the image is ready or being built. */
  announced: Promise<void>;
  listeners: Set<(progress: BuildProgress) => void>;
}

interface BuildsOptions {
  store: ImageStore;
  source: ImageSource;
  log: Logger;
  onChange: (image: ChangedImage) => void;
}

/** Makes images exist, one build per image however many wait for it, and keeps the rows telling how it goes. */
export class Builds {
  readonly #options: BuildsOptions;
  readonly #builds = new Map<string, Build>();
  #era = new AbortController();

  constructor(options: BuildsOptions) {
    this.#options = options;
  }

  /** True while this hub looks for or builds the image, whose row then is not to be touched by others. */
  has(imageId: string): boolean {
    return this.#builds.has(imageId);
  }

  /** Where the image lies, after building it if it has to be. Rejects with ImageFailed when it cannot be had. */
  async ensure(image: ImageRecord, { signal, onProgress }: EnsureOptions): Promise<ImageLocation> {
    signal.throwIfAborted();
    const build = this.#begin(image);
    build.listeners.add(onProgress);
    try {
      return await untilAborted(build.location, signal);
    } finally {
      build.listeners.delete(onProgress);
    }
  }

  /** Starts the build if none runs; resolves when the row says so. */
  async begin(image: ImageRecord): Promise<void> {
    await this.#begin(image).announced;
  }

  /** Aborts all builds and waits for them. Their rows stay `building` until a hub that acts looks; it may be this one. */
  async stop(): Promise<void> {
    const era = this.#era;
    this.#era = new AbortController();
    era.abort(new Error('The hub is stopping.'));
    await Promise.allSettled([...this.#builds.values()].map((build) => build.location));
  }

  #begin(image: ImageRecord): Build {
    const running = this.#builds.get(image.id);
    if (running !== undefined) return running;
    const announced = Promise.withResolvers<undefined>();
    const listeners: Build['listeners'] = new Set();
    const location = this.#run(image, listeners, () => announced.resolve(undefined)).finally(() => {
      this.#builds.delete(image.id);
      announced.resolve(undefined);
    });
    location.catch(() => undefined);
    const build = { location, announced: announced.promise, listeners };
    this.#builds.set(image.id, build);
    return build;
  }

  async #run(image: ImageRecord, listeners: Build['listeners'], announce: () => void): Promise<ImageLocation> {
    const { source, store } = this.#options;
    const present = await source.present(image.name);
    const location = present ?? (await this.#build(image, listeners, announce));
    await store.saveLocation(image.id, location);
    await this.#setPhase(image.id, 'ready', undefined);
    return location;
  }

  async #build(image: ImageRecord, listeners: Build['listeners'], announce: () => void): Promise<ImageLocation> {
    const { source, log } = this.#options;
    const { signal } = this.#era;
    await this.#setPhase(image.id, 'building', STARTING_BUILD);
    announce();
    let written: Promise<unknown> = Promise.resolve();
    let last = '';
    const onProgress = (progress: BuildProgress): void => {
      for (const listener of listeners) listener(progress);
      const text = progressText(progress, image.name);
      if (text === last) return;
      last = text;
      // One after the other, so that an older step never overwrites a newer one.
      written = written.then(() => this.#setPhase(image.id, 'building', text)).catch(() => undefined);
    };
    try {
      return await source.ensure(image.name, { signal, onProgress });
    } catch (error) {
      if (signal.aborted) throw error;
      await written;
      const reason = `The image ${image.name} could not be built: ${storable(messageOf(error))}`;
      log.warn({ image: image.name, error: messageOf(error) }, 'image build failed');
      await this.#setPhase(image.id, 'failed', reason);
      throw new ImageFailed(reason, { cause: error });
    } finally {
      await written;
    }
  }

  async #setPhase(id: string, phase: ImageRecord['phase'], reason: string | undefined): Promise<void> {
    const changed = await this.#options.store.setPhase(id, phase, reason);
    if (changed !== undefined) this.#options.onChange(changed);
  }
}

/** `building step 7 of 12`, with the name of the image below when that is what is being built. */
export function progressText(progress: BuildProgress, image: string): string {
  const what = progress.image === image ? '' : ` of the image ${progress.image} below it`;
  return progress.steps > 0
    ? `building step ${progress.step} of ${progress.steps}${what}`
    : `preparing the build${what}`;
}

/** PostgreSQL keeps no NUL in a text, and an engine's message may quote a whole log. */
function storable(text: string): string {
  return text.replaceAll('\0', '').slice(0, 2000);
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
