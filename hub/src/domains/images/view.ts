import { launchOptionsSchema, type Editor, type Image, type ImageShare, type LaunchOptions } from '@davit/contract';
import { isAdmin, type Actor } from '../../platform/auth.ts';
import type { LibraryStore, SeenImage, Viewer } from './libraryStore.ts';
import type { ImageRecord } from './model.ts';
import type { Sharees } from './sharees.ts';

/** Shows rows as the API does. */
export class ImageView {
  readonly #store: LibraryStore;
  readonly #sharees: Sharees;

  constructor(store: LibraryStore, sharees: Sharees) {
    this.#store = store;
    this.#sharees = sharees;
  }

  async viewer({ userId }: Actor): Promise<Viewer> {
    return { userId, groupIds: await this.#sharees.groupsOf(userId) };
  }

  async show(images: readonly SeenImage[], actor: Actor, viewer: Viewer): Promise<Image[]> {
    const parentIds = images.flatMap((image) => image.parentId ?? []);
    const parents = (await this.#store.see([...new Set(parentIds)], viewer)).filter((one) => mayKnow(one, actor));
    const owners = await this.#sharees.peopleById(ownersOf([...images, ...parents]));
    const names = new Map(parents.map((parent) => [parent.id, labelOf(parent, owners)]));
    const shares = await this.#shares(images.filter((image) => mayChange(image, actor)));
    return images.map((image) => ({
      ...toImage(image, actor),
      ownerName: image.ownerId === null ? null : (owners.get(image.ownerId) ?? null),
      shares: shares.get(image.id) ?? [],
      createdFrom: createdFrom(image, names),
    }));
  }

  /** What servers show that run these images. Unknown ids are left out. */
  async labels(images: readonly ImageRecord[]): Promise<Map<string, string>> {
    const owners = await this.#sharees.peopleById(ownersOf(images));
    return new Map(images.map((image) => [image.id, labelOf(image, owners)]));
  }

  async #shares(images: readonly SeenImage[]): Promise<Map<string, ImageShare[]>> {
    const rows = await this.#store.sharesOf(images.map((image) => image.id));
    const idsOf = (kind: ImageShare['kind']): string[] => [
      ...new Set(rows.filter((row) => row.kind === kind).map((row) => row.subjectId)),
    ];
    const [user, group] = await Promise.all([
      this.#sharees.peopleById(idsOf('user')),
      this.#sharees.groupsById(idsOf('group')),
    ]);
    const shares = new Map<string, ImageShare[]>();
    for (const { imageId, kind, subjectId } of rows) {
      const name = { user, group }[kind].get(subjectId);
      if (name === undefined) continue;
      shares.set(imageId, [...(shares.get(imageId) ?? []), { kind, id: subjectId, name }]);
    }
    for (const list of shares.values()) list.sort((a, b) => (a.name < b.name ? -1 : 1));
    return shares;
  }
}

/** Who may describe, share and delete an image: its owner, and an admin any that somebody made. */
export function mayChange({ ownerId }: Pick<ImageRecord, 'ownerId'>, actor: Actor): boolean {
  return ownerId !== null && (ownerId === actor.userId || isAdmin(actor));
}

/** Who may start servers from an image. */
export function mayUse({ ownerId, visibility, shared }: SeenImage, actor: Actor): boolean {
  return ownerId === actor.userId || visibility === 'public' || shared;
}

/** Who may know of an image. */
export function mayKnow(image: SeenImage, actor: Actor): boolean {
  return mayUse(image, actor) || isAdmin(actor);
}

/** What an admin set, with the defaults. */
export function launchOf({ launch }: Pick<ImageRecord, 'launch'>): LaunchOptions {
  return launchOptionsSchema.parse(launch);
}

/** The editors that servers of an image get: those it has, unless an admin chose among them. */
export function offeredEditors({ editors, launch }: { editors: Editor[]; launch: LaunchOptions }): Editor[] {
  return editors.filter((editor) => launch.editors?.includes(editor) ?? true);
}

function toImage(image: SeenImage, actor: Actor): Omit<Image, 'ownerName' | 'shares' | 'createdFrom'> {
  const { id, name, version, title, description, ownerId, visibility, editors, phase, reason, sizeBytes } = image;
  return {
    ...{ id, name, version, title, description, ownerId, visibility, editors, phase, reason, sizeBytes },
    origin: originOf(image, actor),
    launch: launchOf(image),
    createdAt: image.createdAt.toISOString(),
  };
}

/** The same words as in the store's filter. Another person's private one, which only admins see, counts as shared. */
function originOf({ ownerId, shared, visibility }: SeenImage, actor: Actor): Image['origin'] {
  if (ownerId === null) return 'built-in';
  if (ownerId === actor.userId) return 'own';
  return shared || visibility === 'private' ? 'shared' : 'public';
}

function createdFrom({ parentId }: SeenImage, names: ReadonlyMap<string, string>): Image['createdFrom'] {
  const name = names.get(parentId ?? '');
  return parentId === null || name === undefined ? null : { imageId: parentId, name };
}

function ownersOf(images: readonly Pick<ImageRecord, 'ownerId'>[]): string[] {
  return [...new Set(images.flatMap((image) => image.ownerId ?? []))];
}

/** Images of people as `owner/name:version`; those that come with Davit by name, for their version moves on. */
function labelOf({ ownerId, name, version }: ImageRecord, owners: ReadonlyMap<string, string>): string {
  return ownerId === null ? name : `${owners.get(ownerId) ?? ''}/${name}:${version}`;
}
