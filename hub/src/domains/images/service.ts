import type { Editor, Image, LaunchOptions, listImages, Page, RouteInput } from '@davit/contract';
import { OTHER_TEXTS, type TextLanguage } from '@davit/contract/texts';
import { requireAdmin, type Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import { under, type Ticket } from '../../platform/ticket.ts';
import { decodeCursor, timeOfKey, toPage } from '../../platform/paging.ts';
import { Builds, ImageFailed, STARTING_BUILD, type EnsureOptions } from './builds.ts';
import type { ImageLocation, ImageSource } from './imageSource.ts';
import { noSuchImage } from './library.ts';
import type { ImageFilter, LibraryStore, SeenImage } from './libraryStore.ts';
import type { Sharees } from './sharees.ts';
import type { ChangedImage, ImageStore, StoredImage } from './store.ts';
import { launchOf, mayUse, offeredEditors, type ImageView } from './view.ts';

export interface ImagesOptions {
  store: ImageStore;
  library: LibraryStore;
  view: ImageView;
  sharees: Pick<Sharees, 'personNamed'>;
  source: ImageSource;
  bus: Bus;
  clock: Clock;
  log: Logger;
  ticket: Ticket;
}

type ListQuery = RouteInput<typeof listImages>['query'];

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
    for (const image of await this.#options.store.takeWantedBuilds()) await this.#builds.begin(image);
    for (const image of await this.#options.store.builtIns()) {
      if (this.#builds.has(image.id)) continue;
      const location = await this.#options.source.present(image.name);
      // A build may have begun while the engine was asked; its word is newer.
      if (!this.#builds.has(image.id)) await this.#settle(image, location);
    }
  }

  /** By name, of one name the newest first. `scope` `all` is for admins. */
  async list(actor: Actor, query: ListQuery): Promise<Page<Image>> {
    if (query.scope === 'all') requireAdmin(actor);
    const { library, view } = this.#options;
    const viewer = await view.viewer(actor);
    const { limit, origin } = query;
    const after = cursorKey(query.cursor);
    const sought = await this.#sought(query.search, query.language ?? 'en');
    const rows = await library.page({ viewer, all: query.scope === 'all', origin, ...sought, after, limit });
    const page = toPage(rows, limit, (row) => [row.name, row.createdAt.toISOString(), row.id]);
    return { ...page, items: await view.show(page.items, actor, viewer) };
  }

  /** Starts building in the background, here or at the hub that acts, and answers how the image is now. */
  async prepare(actor: Actor, id: string): Promise<Image> {
    requireAdmin(actor);
    const image = await this.#require(id);
    const { ticket, store } = this.#options;
    const { hold } = ticket;
    if (hold !== undefined) await under(hold, () => this.#builds.begin(image));
    else {
      const wanted = await store.wantBuild(id, STARTING_BUILD);
      if (wanted !== undefined) this.#emit(wanted);
    }
    const seen = await this.#find(id, actor);
    if (seen === undefined) throw noSuchImage();
    return this.#showOne(seen, actor);
  }

  /** The image, if this person may start servers from it, with the editors that those get. */
  async findUsable(actor: Actor, id: string): Promise<Image | undefined> {
    const image = await this.#find(id, actor);
    if (image === undefined || !mayUse(image, actor)) return undefined;
    const shown = await this.#showOne(image, actor);
    return { ...shown, editors: offeredEditors(shown) };
  }

  /** Whether there are images in a repository of the registry, and this person may use each of them. */
  async mayPull(actor: Actor, repository: string): Promise<boolean> {
    const { library, view } = this.#options;
    const images = await library.inRepository(repository, await view.viewer(actor));
    return images.length > 0 && images.every((image) => mayUse(image, actor));
  }

  /** Keeps the image from being deleted until the transaction ends; false when it is gone. */
  async hold(id: string, tx: Transaction): Promise<boolean> {
    return (await this.#options.library.lock(id, 'use', tx)) !== undefined;
  }

  /** How servers of the image are started, as an admin set it. */
  async launchOf(id: string): Promise<LaunchOptions> {
    const [image] = await this.#options.store.findMany([id]);
    return launchOf(image ?? { launch: {} });
  }

  /** Editors that an image declares; none when it is unknown. */
  async editorsOf(id: string): Promise<Editor[]> {
    const [image] = await this.#options.store.findMany([id]);
    return image?.editors ?? [];
  }

  /** Names and versions of images, for showing what servers run. Unknown ids are left out. */
  async names(ids: readonly string[]): Promise<Map<string, string>> {
    const images = await this.#options.store.findMany([...new Set(ids)]);
    return this.#options.view.labels(images);
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

  /** Ends all builds; others can begin afterwards. */
  async stop(): Promise<void> {
    await this.#builds.stop();
  }

  /** An image that somebody made cannot be built again: it is there or it is lost. */
  async #present(image: StoredImage): Promise<ImageLocation> {
    const { store, source } = this.#options;
    const known = await store.location(image.id);
    const found = known === undefined ? undefined : await source.locate(known.digest, known.ref);
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

  async #showOne(image: SeenImage, actor: Actor): Promise<Image> {
    const { view } = this.#options;
    const [shown] = await view.show([image], actor, await view.viewer(actor));
    if (shown === undefined) throw new Error('one row shows as one image');
    return shown;
  }

  /** The image as the person sees it, if it is there. */
  async #find(id: string, actor: Actor): Promise<SeenImage | undefined> {
    const { library, view } = this.#options;
    const [image] = await library.see([id], await view.viewer(actor));
    return image?.retiredAt === null ? image : undefined;
  }

  async #require(id: string): Promise<StoredImage> {
    const [image] = await this.#options.store.findMany([id]);
    if (image === undefined || image.retiredAt !== null) throw noSuchImage();
    return image;
  }

  /** `ada/env:1`, as images are shown, looks among the images of ada. PostgreSQL refuses NUL in text. */
  async #sought(
    text: string | undefined,
    language: TextLanguage,
  ): Promise<Pick<ImageFilter, 'search' | 'ownerId' | 'translations'>> {
    const search = text?.replaceAll('\0', '').trim();
    const translations = language === 'en' ? {} : OTHER_TEXTS.names;
    if (search === undefined || search === '') return { search: undefined, ownerId: undefined, translations };
    const [name = '', ...rest] = search.split('/');
    const owner = rest.length === 1 ? await this.#options.sharees.personNamed(name) : undefined;
    return owner === undefined
      ? { search, ownerId: undefined, translations }
      : { search: rest[0], ownerId: owner.id, translations };
  }

  #emit(image: ChangedImage): void {
    const audience = image.visibility === 'public' ? { everyone: true } : { userIds: [image.ownerId ?? ''] };
    this.#options.bus.emit({ type: 'image', id: image.id, version: image.revision }, audience);
  }
}

function cursorKey(cursor: string | undefined): ImageFilter['after'] {
  const key = decodeCursor(cursor, 3)?.map(String);
  if (key === undefined) return undefined;
  const [name = '', time = '', id = ''] = key;
  return { name, createdAt: timeOfKey(time), id };
}
