import type { Editor, Image, Page, PageQuery } from '@davit/contract';
import { requireAdmin, type Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import { Builds, ImageFailed, type EnsureOptions } from './builds.ts';
import type { ImageLocation, ImageSource } from './imageSource.ts';
import type { ChangedImage, ImageStore, StoredImage } from './store.ts';

export interface ImagesOptions {
  store: ImageStore;
  source: ImageSource;
  bus: Bus;
  clock: Clock;
  log: Logger;
}

/** Which images there are, who may use them, and making them exist. */
export class ImagesService {
  readonly #options: ImagesOptions;
  readonly #builds: Builds;

  constructor(options: ImagesOptions) {
    this.#options = options;
    this.#builds = new Builds({ ...options, onChange: (image) => this.#emit(image) });
  }

  /** Brings the rows of built-in images up to date. An image without editors is only a parent of others: no row. */
  async syncCatalogue(): Promise<void> {
    const { store, source, clock } = this.#options;
    const offered = source.catalogue().filter((image) => image.editors.length > 0);
    await store.syncBuiltIns(offered, clock.now());
  }

  /** Sets the rows of built-in images to what the engine has. A failed one keeps its reason until it is there. */
  async refresh(): Promise<void> {
    for (const image of await this.#options.store.builtIns()) {
      if (this.#builds.has(image.id)) continue;
      const location = await this.#options.source.present(image.name);
      // A build may have begun while the engine was asked; its word is newer.
      if (!this.#builds.has(image.id)) await this.#settle(image, location);
    }
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<Image>> {
    const key = decodeCursor(query.cursor, 2)?.map(String);
    // No text of a database holds a NUL: such a key was not made by this list.
    if (key?.some((part) => part.includes('\0')) === true) decodeCursor('', 2);
    const after = key === undefined ? undefined : { name: key[0] ?? '', id: key[1] ?? '' };
    const rows = await this.#options.store.page({ userId: actor.userId, after, limit: query.limit });
    const page = toPage(rows, query.limit, (row) => [row.name, row.id]);
    return { ...page, items: await this.#show(page.items, actor) };
  }

  /** Starts building in the background and answers how the image is now. */
  async prepare(actor: Actor, id: string): Promise<Image> {
    requireAdmin(actor);
    await this.#builds.begin(await this.#require(id));
    return this.#showOne(await this.#require(id), actor);
  }

  /** The image, if this person may start servers from it; public or own. */
  async findUsable(actor: Actor, id: string): Promise<Image | undefined> {
    const [image] = await this.#options.store.findMany([id]);
    if (image === undefined || image.retiredAt !== null) return undefined;
    return image.visibility === 'public' || image.ownerId === actor.userId ? this.#showOne(image, actor) : undefined;
  }

  /** Editors that an image declares; none when it is unknown. */
  async editorsOf(id: string): Promise<Editor[]> {
    const [image] = await this.#options.store.findMany([id]);
    return image?.editors ?? [];
  }

  /** Names and versions of images, for showing what servers run. Unknown ids are left out. */
  async names(ids: readonly string[]): Promise<Map<string, string>> {
    const images = await this.#options.store.findMany([...new Set(ids)]);
    return new Map(images.map((image) => [image.id, image.name]));
  }

  /**
   * Where the image lies in the engine, built first when it is not there. Rejects with ImageFailed when it cannot be had,
   * with anything else when that is not known (the engine does not answer, the signal was aborted).
   */
  async ensureImage(id: string, options: EnsureOptions): Promise<ImageLocation> {
    const [image] = await this.#options.store.findMany([id]);
    if (image === undefined || image.retiredAt !== null) {
      throw new ImageFailed('This image no longer exists. Create a server from another one.');
    }
    return image.ownerId === null ? this.#builds.ensure(image, options) : this.#present(image);
  }

  async stop(): Promise<void> {
    await this.#builds.stop();
  }

  /** An image that somebody made cannot be built again: it is there or it is lost. */
  async #present(image: StoredImage): Promise<ImageLocation> {
    const { store, source } = this.#options;
    const known = await store.location(image.id);
    const found = known === undefined ? undefined : await source.locate(known.digest);
    const reason =
      found === undefined
        ? `The image ${image.name}:${image.version} is no longer in the container engine and cannot be made again. Create a server from another image; your files in /data are kept.`
        : undefined;
    const changed = await store.setPhase(image.id, reason === undefined ? 'ready' : 'failed', reason);
    if (changed !== undefined) this.#emit(changed);
    if (known === undefined || reason !== undefined) throw new ImageFailed(reason);
    return known;
  }

  async #settle(image: StoredImage, location: ImageLocation | undefined): Promise<void> {
    const { store, log } = this.#options;
    if (location === undefined) await store.dropLocation(image.id);
    else await store.saveLocation(image.id, location);
    const keepsReason = location === undefined && image.phase === 'failed';
    if (keepsReason) return;
    const changed = await store.setPhase(image.id, location === undefined ? 'absent' : 'ready', undefined);
    if (changed === undefined) return;
    log.info({ image: image.name, phase: changed.phase }, 'image state changed');
    this.#emit(changed);
  }

  async #showOne(image: StoredImage, actor: Actor): Promise<Image> {
    const [shown] = await this.#show([image], actor);
    if (shown === undefined) throw new Error('one row shows as one image');
    return shown;
  }

  async #show(images: readonly StoredImage[], actor: Actor): Promise<Image[]> {
    const parents = await this.names(images.flatMap((image) => image.parentId ?? []));
    return images.map((image) => toImage(image, actor, parents));
  }

  async #require(id: string): Promise<StoredImage> {
    const [image] = await this.#options.store.findMany([id]);
    if (image === undefined || image.retiredAt !== null) {
      throw new AppError('not-found', 'There is no image with this id. List the images to see which there are.');
    }
    return image;
  }

  #emit(image: ChangedImage): void {
    const audience = image.visibility === 'public' ? { everyone: true } : { userIds: [image.ownerId ?? ''] };
    this.#options.bus.emit({ type: 'image', id: image.id, version: image.revision }, audience);
  }
}

function toImage(image: StoredImage, actor: Actor, parents: ReadonlyMap<string, string>): Image {
  const { id, name, version, title, description, ownerId, visibility, editors, phase, reason, sizeBytes } = image;
  const { parentId } = image;
  return {
    ...{ id, name, version, title, description, ownerId, visibility, editors, phase, reason, sizeBytes },
    ownerName: null,
    origin: originOf(image, actor),
    shares: [],
    createdFrom: parentId === null ? null : { imageId: parentId, name: parents.get(parentId) ?? '' },
    launch: { needsGpu: false, sudo: false, environment: {}, command: null, editors: null },
    createdAt: image.createdAt.toISOString(),
  };
}

function originOf({ ownerId }: StoredImage, actor: Actor): Image['origin'] {
  if (ownerId === null) return 'built-in';
  return ownerId === actor.userId ? 'own' : 'public';
}
