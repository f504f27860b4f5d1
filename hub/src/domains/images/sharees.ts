import type { ImageShare } from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';

/** Somebody or a group, by id, as people call it. */
export type Named = Pick<ImageShare, 'id' | 'name'>;

/** What this domain asks of those that keep people and groups: whose images are, and with whom they are shared. */
export interface Sharees {
  /** Names of people by id; of deleted ones too. */
  peopleById(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Names of groups by id; groups that are gone are left out. */
  groupsById(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** A person who is not deleted, by name. */
  personNamed(name: string): Promise<Named | undefined>;
  /** A group that the actor may know of, by name. */
  groupNamed(actor: Actor, name: string): Promise<Named | undefined>;
  /** Ids of the groups that the person is in, the one of everybody too. */
  groupsOf(userId: string): Promise<string[]>;
  /** Ids of the people of groups; undefined when everybody is in one of them. */
  membersOf(groupIds: readonly string[]): Promise<string[] | undefined>;
}
