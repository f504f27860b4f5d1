import type { Editor, Quota, Role } from '@davit/contract';
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
  /** The person, whose row stays locked until the transaction ends. */
  lock(userId: string, tx: Transaction): Promise<Person | undefined>;
  /** Whose servers the actor may see besides the own ones. */
  visibleTo(actor: Actor): Promise<'all' | readonly string[]>;
}

/** What this domain asks of the one that keeps images. */
export interface Images {
  findUsable(actor: Actor, imageId: string): Promise<{ id: string; editors: Editor[] } | undefined>;
  names(imageIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Rejects with ImageFailed when the image cannot be had, with anything else when that is not known. */
  ensureImage(imageId: string, options: EnsureOptions): Promise<ImageLocation>;
}
