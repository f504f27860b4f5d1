import type { Image, LaunchOptions, RouteInput, shareImage, updateImage } from '@davit/contract';
import { requireAdmin, type Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import type { ImageChanges, LibraryStore, SeenImage } from './libraryStore.ts';
import type { ImageRecord, ShareRecord } from './model.ts';
import type { Sharees } from './sharees.ts';
import { mayChange, mayKnow, type ImageView } from './view.ts';

/** A server that an image cannot be deleted from under. */
export interface ServerOfImage {
  id: string;
  name: string;
  ownerId: string;
  ownerName: string;
}

export interface LibraryOptions {
  store: LibraryStore;
  view: ImageView;
  sharees: Sharees;
  /** Servers that are there and were created from the image, as `tx` sees them. */
  serversOf: (imageId: string, tx: Transaction) => Promise<ServerOfImage[]>;
  bus: Bus;
  clock: Clock;
  /** Asks for the engine to be rid of what was deleted. */
  onDeleted: () => void;
}

type Share = RouteInput<typeof shareImage>['body']['shares'][number];

/** What people do with images that are there: describe, share, publish, set how servers start, delete. */
export class Library {
  readonly #options: LibraryOptions;

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  async get(actor: Actor, id: string): Promise<Image> {
    return this.#show(await this.#known(actor, id), actor);
  }

  async update(actor: Actor, id: string, changes: RouteInput<typeof updateImage>['body']): Promise<Image> {
    const before = await this.#changeable(actor, id);
    return this.#change(before, actor, changes);
  }

  /** People and groups by name; each that is not there is named by its place in the list. */
  async share(actor: Actor, id: string, shares: readonly Share[]): Promise<Image> {
    const { store } = this.#options;
    const before = await this.#changeable(actor, id);
    const rows = await this.#find(actor, before, shares);
    const earlier = await store.sharesOf([id]);
    const changed = await store.transaction(async (tx) => {
      const locked = await store.lock(id, 'change', tx);
      if (locked === undefined) throw noSuchImage();
      await store.replaceShares(id, rows, tx);
      return locked;
    });
    const after = (await store.update(id, {})) ?? changed;
    await this.#emit(after, before.visibility, [...earlier, ...rows]);
    return this.get(actor, id);
  }

  /** For admins. Servers that run go on as they are; the next start does it. */
  async setLaunch(actor: Actor, id: string, launch: LaunchOptions): Promise<Image> {
    requireAdmin(actor);
    const before = await this.#known(actor, id);
    const unknown = (launch.editors ?? []).filter((editor) => !before.editors.includes(editor));
    if (unknown.length > 0) {
      const has = before.editors.length === 0 ? 'carries no editor' : `carries only ${before.editors.join(', ')}`;
      throw new AppError('bad-request', `The image ${before.name} ${has}.`, {
        fields: [{ path: 'editors', message: `must be editors of the image, which ${has}` }],
      });
    }
    return this.#change(before, actor, { launch });
  }

  /**
   * Takes an image away. A server that is created at the same time and this take turns on the image's row, so one of them
   * wins. The engine's own image goes afterwards.
   */
  async delete(actor: Actor, id: string): Promise<void> {
    const { store, clock, onDeleted } = this.#options;
    const before = await this.#changeable(actor, id);
    const shares = await store.sharesOf([id]);
    await store.transaction(async (tx) => {
      const locked = await store.lock(id, 'change', tx);
      if (locked === undefined) throw noSuchImage();
      const servers = await this.#options.serversOf(id, tx);
      if (servers.length > 0) throw inUse(before, servers, actor);
      await store.retire(id, clock.now(), tx);
    });
    await this.#emit({ ...before, revision: before.revision + 1 }, before.visibility, shares);
    onDeleted();
  }

  async #find(actor: Actor, { id, ownerId }: SeenImage, shares: readonly Share[]): Promise<ShareRecord[]> {
    const { sharees } = this.#options;
    const found = await Promise.all(
      shares.map(({ kind, name }) => (kind === 'user' ? sharees.personNamed(name) : sharees.groupNamed(actor, name))),
    );
    const fields = found.flatMap((one, index) =>
      one !== undefined
        ? []
        : [{ path: `shares.${index}.name`, message: `is not the name of a ${NOUNS[shares[index]?.kind ?? 'user']}` }],
    );
    if (fields.length > 0) {
      const unknown = shares.filter((_, index) => found[index] === undefined).map(({ name }) => `"${name}"`);
      const message = `Not known: ${unknown.join(', ')}. Check the spelling; a group must be one of yours.`;
      throw new AppError('bad-request', message, { fields });
    }
    const rows = new Map<string, ShareRecord>();
    for (const [index, { kind }] of shares.entries()) {
      const subjectId = found[index]?.id ?? '';
      if (subjectId !== ownerId) rows.set(`${kind} ${subjectId}`, { imageId: id, kind, subjectId });
    }
    return [...rows.values()];
  }

  async #change(before: SeenImage, actor: Actor, changes: ImageChanges): Promise<Image> {
    const after = await this.#options.store.update(before.id, changes);
    if (after === undefined) throw noSuchImage();
    await this.#emit(after, before.visibility, await this.#options.store.sharesOf([before.id]));
    return this.get(actor, before.id);
  }

  async #known(actor: Actor, id: string): Promise<SeenImage> {
    const { store, view } = this.#options;
    const [image] = await store.see([id], await view.viewer(actor));
    if (image === undefined || image.retiredAt !== null || !mayKnow(image, actor)) throw noSuchImage();
    return image;
  }

  /** Whoever may use it but not change it is told so; for all others it does not exist. */
  async #changeable(actor: Actor, id: string): Promise<SeenImage> {
    const image = await this.#known(actor, id);
    if (mayChange(image, actor)) return image;
    throw new AppError(
      'forbidden',
      image.ownerId === null
        ? 'This image comes with Davit and cannot be changed or deleted.'
        : 'Only the owner of this image or an admin may do this.',
    );
  }

  async #show(image: SeenImage, actor: Actor): Promise<Image> {
    const { view } = this.#options;
    const [shown] = await view.show([image], actor, await view.viewer(actor));
    if (shown === undefined) throw new Error('one row shows as one image');
    return shown;
  }

  /** Tells all who saw the image before or see it now. */
  async #emit(
    image: Pick<ImageRecord, 'id' | 'ownerId' | 'visibility' | 'revision'>,
    visibilityBefore: ImageRecord['visibility'],
    shares: readonly ShareRecord[],
  ): Promise<void> {
    const { bus, sharees } = this.#options;
    const idsOf = (kind: ShareRecord['kind']): string[] =>
      shares.filter((share) => share.kind === kind).map((share) => share.subjectId);
    const members = await sharees.membersOf(idsOf('group'));
    const isPublic = image.visibility === 'public' || visibilityBefore === 'public' || members === undefined;
    const userIds = [...new Set([image.ownerId ?? '', ...idsOf('user'), ...(members ?? [])])];
    bus.emit({ type: 'image', id: image.id, version: image.revision }, isPublic ? { everyone: true } : { userIds });
  }
}

const NOUNS: Record<Share['kind'], string> = { user: 'person', group: 'group that you are in' };

/** Told of an image that is not there, and to those who may not know of it. */
export function noSuchImage(): AppError {
  return new AppError('not-found', 'There is no image with this id. List the images to see which there are.');
}

/** Code inside a server is told of its owner's servers only. */
function inUse(image: ImageRecord, servers: readonly ServerOfImage[], actor: Actor): AppError {
  const shown = servers.filter((server) => actor.server === undefined || server.ownerId === actor.userId);
  const tag = `${image.name}:${image.version}`;
  const message =
    servers.length === 1
      ? `One server uses the image ${tag}. Delete it first; files in /data are kept.`
      : `${servers.length} servers use the image ${tag}. Delete them first; files in /data are kept.`;
  return new AppError('conflict', message, {
    details: { servers: shown.map(({ id, name, ownerName }) => ({ id, name, ownerName })) },
  });
}
