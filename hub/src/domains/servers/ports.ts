import type { Editor, LaunchOptions, Placement, Quota, Role } from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { Transaction } from '../../platform/db.ts';
import type { EnsureOptions, ImageLocation } from '../images/index.ts';

/** A person as this domain needs to know one. `quota` is the effective one: the role's with the person's exceptions. */
export interface Person {
  id: string;
  name: string;
  role: Role;
  active: boolean;
  deleted: boolean;
  quota: Quota;
}

/** What this domain asks of the one that keeps people. */
export interface People {
  find(userId: string, tx?: Transaction): Promise<Person | undefined>;
  /** Names of people by id, of deleted ones too. */
  namesOf(userIds: readonly string[], tx?: Transaction): Promise<ReadonlyMap<string, string>>;
  /** The person, whose row stays locked until the transaction ends. */
  lock(userId: string, tx: Transaction): Promise<Person | undefined>;
  /** Whose servers the actor may see besides the own ones. */
  visibleTo(actor: Actor): Promise<'all' | readonly string[]>;
}

/** Where a person's servers run on a cluster, by the person's groups and the hub's settings. */
export type PlacementOf = (userId: string) => Promise<Placement | undefined>;

/** An image that somebody may start a server from. */
export interface UsableImage {
  id: string;
  name: string;
  editors: Editor[];
  launch: Pick<LaunchOptions, 'needsGpu'>;
}

/** What this domain asks of the one that keeps images. */
export interface Images {
  /** The image if the actor may start servers from it, with the editors that those get. */
  findUsable(actor: Actor, imageId: string): Promise<UsableImage | undefined>;
  /** Keeps the image from being deleted until the transaction ends; false when it is gone. */
  hold(imageId: string, tx: Transaction): Promise<boolean>;
  /** How an admin wants servers of the image started. */
  launchOf(imageId: string): Promise<LaunchOptions>;
  names(imageIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Rejects with ImageFailed when the image cannot be had, with anything else when that is not known. */
  ensureImage(imageId: string, options: EnsureOptions): Promise<ImageLocation>;
}
