import type { Quota, Role } from '@davit/contract';
import { isAdmin, type Actor } from '../../platform/auth.ts';
import type { Transaction } from '../../platform/db.ts';
import type { CurrentSettings } from '../settings/index.ts';
import type { UserRow } from './model.ts';
import type { UsersDomainOptions } from './ports.ts';
import type { UserStore } from './store.ts';

/** A person as other domains see one; `quota` is what holds now: the role's with the person's exceptions. */
export interface Person {
  id: string;
  name: string;
  displayName: string;
  role: Role;
  active: boolean;
  deleted: boolean;
  quota: Quota;
}

/** What other domains may ask about people. */
export class People {
  readonly #store: UserStore;
  readonly #settings: CurrentSettings;
  readonly #taughtBy: UsersDomainOptions['taughtBy'];

  constructor(store: UserStore, { settings, taughtBy }: Pick<UsersDomainOptions, 'settings' | 'taughtBy'>) {
    this.#store = store;
    this.#settings = settings;
    this.#taughtBy = taughtBy;
  }

  /** A person by id, deleted ones too. */
  async find(userId: string, tx?: Transaction): Promise<Person | undefined> {
    return this.#toPerson(await this.#store.find(userId, tx), tx);
  }

  /** A person who is not deleted, by name. */
  async findByName(name: string): Promise<Person | undefined> {
    return this.#toPerson(await this.#store.findByName(name.replaceAll('\0', '')));
  }

  /** Names of people by id, of deleted ones too; one query, however many they are. */
  namesOf(ids: readonly string[], tx?: Transaction): Promise<Map<string, string>> {
    return this.#store.namesOf(ids, tx);
  }

  /**
   * Locks the person's row until `tx` ends and reads it. Whoever reserves from a quota does it under this lock, and a
   * person cannot be deleted or deactivated meanwhile.
   */
  async lock(userId: string, tx: Transaction): Promise<Person | undefined> {
    return this.#toPerson(await this.#store.lock(userId, tx), tx);
  }

  /** Whose servers the actor may see: an admin all, a teacher the own groups' members, everybody the own. */
  async visibleTo(actor: Actor): Promise<'all' | string[]> {
    if (isAdmin(actor)) return 'all';
    if (actor.role !== 'teacher' || actor.server !== undefined) return [actor.userId];
    return [...new Set([actor.userId, ...(await this.#taughtBy(actor.userId))])];
  }

  async #toPerson(row: UserRow | undefined, tx?: Transaction): Promise<Person | undefined> {
    if (row === undefined) return undefined;
    const { roleQuotas } = await this.#settings.current(tx);
    return {
      id: row.id,
      name: row.name,
      displayName: row.displayName,
      role: row.role,
      active: row.active,
      deleted: row.deletedAt !== null,
      quota: { ...roleQuotas[row.role], ...row.quota },
    };
  }
}
