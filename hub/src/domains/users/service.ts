import type { CreatedUser, CreateUser, Page, PersonSummary, UpdateUser, User, UserListQuery } from '@davit/contract';
import { isAdmin, requireAdmin, type Actor } from '../../platform/auth.ts';
import type { Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { emitChanged, endAll, type UsersContext } from './context.ts';
import { newUserRow, toUser, type UserRow } from './model.ts';
import type { UserChanges } from './store.ts';

/** What admins do with people. */
export class UsersService {
  readonly #context: UsersContext;

  constructor(context: UsersContext) {
    this.#context = context;
  }

  async list(actor: Actor, query: UserListQuery): Promise<Page<User>> {
    requireAdmin(actor);
    const page = await this.#context.store.list(query);
    return { ...page, items: page.items.map(toUser) };
  }

  async get(actor: Actor, id: string): Promise<User> {
    requireAdmin(actor);
    const row = await this.#context.store.find(id);
    if (row === undefined || row.deletedAt !== null) throw noSuchPerson();
    return toUser(row);
  }

  /** Creates a person; without a password the answer has the one-time link for choosing one. */
  async create(actor: Actor, input: CreateUser): Promise<CreatedUser> {
    requireAdmin(actor);
    const { db, store, links, passwords, clock } = this.#context;
    const passwordHash = input.password === undefined ? null : await passwords.hash(input.password);
    const { name, displayName = '', role, active, quota } = input;
    const row = newUserRow(clock.now(), { name, displayName, role, active, quota, passwordHash });
    const link = await db.transaction(async (tx) => {
      await store.insert(row, tx);
      return passwordHash === null ? links.replace(row.id, tx) : undefined;
    });
    emitChanged(this.#context, row.id);
    return { ...toUser(row), ...(link === undefined ? {} : { passwordLink: link.url }) };
  }

  /** Changes a person. Deactivating and a new password end sessions and tokens in the same transaction. */
  async update(actor: Actor, id: string, input: UpdateUser): Promise<User> {
    requireAdmin(actor);
    const { db, store, passwords } = this.#context;
    const { password, ...fields } = input;
    const changes: UserChanges = { ...fields };
    if (password !== undefined) changes.passwordHash = await passwords.hash(password);
    const { row, events } = await db.transaction(async (tx) => {
      const before = await this.#lock(id, tx);
      const after = await store.update(id, changes, tx);
      if (after === undefined) throw noSuchPerson();
      await this.#keepAnAdmin(before, tx);
      const ends = password !== undefined || (before.active && !after.active);
      return { row: after, events: ends ? await endAll(this.#context, id, tx) : [] };
    });
    emitChanged(this.#context, id, events);
    return toUser(row);
  }

  /** Soft: the row stays without password, the name becomes free, files stay. */
  async remove(actor: Actor, id: string): Promise<void> {
    requireAdmin(actor);
    const { db, store, clock, onDeleted } = this.#context;
    const events = await db.transaction(async (tx) => {
      const before = await this.#lock(id, tx);
      await store.update(id, { active: false, passwordHash: null, deletedAt: clock.now() }, tx);
      await this.#keepAnAdmin(before, tx);
      const ended = await endAll(this.#context, id, tx);
      for (const hook of onDeleted) await hook(id, tx);
      return ended;
    });
    emitChanged(this.#context, id, events);
  }

  async createPasswordLink(actor: Actor, id: string): Promise<{ url: string; expiresAt: string }> {
    requireAdmin(actor);
    const link = await this.#context.db.transaction(async (tx) => {
      await this.#lock(id, tx);
      return this.#context.links.replace(id, tx);
    });
    return { url: link.url, expiresAt: link.expiresAt.toISOString() };
  }

  /** Exact names only: a teacher can add a known person to a group but cannot page through everybody. */
  async findPerson(actor: Actor, name: string): Promise<PersonSummary> {
    if (!isAdmin(actor) && actor.role !== 'teacher') {
      throw new AppError('forbidden', 'Only teachers and admins may look people up.');
    }
    const row = await this.#context.store.findByName(name);
    if (row === undefined) {
      throw new AppError('not-found', 'There is nobody with exactly this name. Check the spelling.');
    }
    return { id: row.id, name: row.name, displayName: row.displayName };
  }

  /** Takes the admins' lock before the row's, always in this order, so that two changes cannot block each other. */
  async #lock(id: string, tx: Transaction): Promise<UserRow> {
    await this.#context.store.lockAdmins(tx);
    const row = await this.#context.store.lock(id, tx);
    if (row === undefined || row.deletedAt !== null) throw noSuchPerson();
    return row;
  }

  /** Refuses, and with it rolls back, a change after which no admin could sign in. */
  async #keepAnAdmin(before: UserRow, tx: Transaction): Promise<void> {
    const wasAble = before.role === 'admin' && before.active && before.passwordHash !== null;
    if (!wasAble || (await this.#context.store.countAbleAdmins(tx)) > 0) return;
    throw new AppError(
      'conflict',
      `${before.name} is the last admin who can sign in and has to stay one. Make somebody else an admin first.`,
    );
  }
}

function noSuchPerson(): AppError {
  return new AppError('not-found', 'There is no such person, or not any more.');
}
