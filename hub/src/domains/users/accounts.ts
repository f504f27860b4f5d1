import type { User } from '@davit/contract';
import type { Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { hashSecret } from '../../platform/random.ts';
import { emitChanged, endAll, type UsersContext } from './context.ts';
import { newUserRow, toUser, type PasswordLinkRow, type UserRow } from './model.ts';
import type { Guard } from './passwords.ts';

/** Somebody who proved to be this person with the password whose hash this is. */
export interface Proven {
  user: User;
  passwordHash: string;
}

/** What people do with their own account: prove who they are, register, choose a password. */
export class Accounts {
  readonly #context: UsersContext;

  constructor(context: UsersContext) {
    this.#context = context;
  }

  /** The person of this name when the password is right and the account active; takes the same time for unknown names. */
  async prove(name: string, password: string, guard: Guard): Promise<Proven | undefined> {
    const row = await this.#context.store.findByName(name);
    const stored = row?.active === true ? row.passwordHash : null;
    const right = await this.#context.passwords.verify(stored, password, guard);
    return right && row !== undefined && stored !== null ? proven(row, stored) : undefined;
  }

  /**
   * Whether what was proven still holds, and holds until `tx` ends. A session is opened under this lock; otherwise one
   * that was on its way while an admin changed the password would outlive the change.
   */
  async stillProven({ user, passwordHash }: Proven, tx: Transaction): Promise<boolean> {
    const row = await this.#context.store.lock(user.id, tx, 'share');
    return row?.active === true && row.deletedAt === null && row.passwordHash === passwordHash;
  }

  async find(userId: string): Promise<User | undefined> {
    const row = await this.#context.store.find(userId);
    return row === undefined ? undefined : toUser(row);
  }

  /** Notes that the person was here. */
  seen(userId: string, at: Date): Promise<void> {
    return this.#context.store.seen(userId, at);
  }

  /** Creates an ordinary account. Whether that is allowed is the caller's question. */
  async register(input: { name: string; password: string; displayName?: string }): Promise<Proven> {
    const { store, passwords, clock } = this.#context;
    const { name, displayName = '' } = input;
    const passwordHash = await passwords.hash(input.password);
    const row = await store.insert(newUserRow(clock.now(), { name, displayName, passwordHash }));
    emitChanged(this.#context, row.id);
    return proven(row, passwordHash);
  }

  /** Replaces the own password inside a transaction that `within` joins (it ends other sessions and tokens). */
  async changePassword(
    userId: string,
    { current, next }: { current: string; next: string },
    { guard, within }: { guard: Guard; within: (tx: Transaction) => Promise<void> },
  ): Promise<void> {
    const { db, store, linkStore, passwords } = this.#context;
    const row = await store.find(userId);
    if (!(await passwords.verify(row?.passwordHash, current, guard))) {
      throw new AppError('forbidden', 'The current password is not right.', {
        fields: [{ path: 'current', message: 'is not right' }],
      });
    }
    const passwordHash = await passwords.hash(next);
    await db.transaction(async (tx) => {
      const locked = await store.lock(userId, tx);
      if (locked === undefined || locked.passwordHash !== row?.passwordHash) {
        throw new AppError('conflict', 'The password was changed somewhere else meanwhile. Sign in again.');
      }
      await store.update(userId, { passwordHash }, tx);
      await linkStore.removeOf(userId, tx);
      await within(tx);
    });
    emitChanged(this.#context, userId);
  }

  /** Uses a one-time link up: sets the password of its person, or makes the first admin under `name`. */
  async redeem({ link, name, password }: { link: string; name?: string; password: string }): Promise<Proven> {
    const secretHash = hashSecret(link);
    const found = await this.#context.linkStore.find(secretHash, this.#context.clock.now());
    if (found === undefined) throw deadLink();
    if (found.userId === null && name === undefined) {
      throw new AppError('bad-request', 'Choose a name for the first admin.', {
        fields: [{ path: 'name', message: 'is required' }],
      });
    }
    const passwordHash = await this.#context.passwords.hash(password);
    return found.userId === null
      ? this.#redeemSetup(found, name ?? '', passwordHash)
      : this.#redeemOwn(found, found.userId, passwordHash);
  }

  async #redeemSetup(link: PasswordLinkRow, name: string, passwordHash: string): Promise<Proven> {
    const { db, store, linkStore, clock } = this.#context;
    const row = await db.transaction(async (tx) => {
      await store.lockAdmins(tx);
      if (!(await linkStore.take(link.secretHash, clock.now(), tx))) throw deadLink();
      if ((await store.countAbleAdmins(tx)) > 0) throw deadLink();
      await linkStore.removeOf(null, tx);
      return store.insert(newUserRow(clock.now(), { name, role: 'admin', passwordHash }), tx);
    });
    emitChanged(this.#context, row.id);
    return proven(row, passwordHash);
  }

  async #redeemOwn(link: PasswordLinkRow, userId: string, passwordHash: string): Promise<Proven> {
    const { db, store, linkStore, clock } = this.#context;
    const { row, events } = await db.transaction(async (tx) => {
      // The person before the link, the order in which an admin's change takes them.
      const person = await store.lock(userId, tx);
      if (person?.active !== true || person.deletedAt !== null) throw deadLink();
      if (!(await linkStore.take(link.secretHash, clock.now(), tx))) throw deadLink();
      const changed = await store.update(userId, { passwordHash }, tx);
      if (changed === undefined) throw deadLink();
      return { row: changed, events: await endAll(this.#context, userId, tx) };
    });
    emitChanged(this.#context, userId, events);
    return proven(row, passwordHash);
  }
}

function proven(row: UserRow, passwordHash: string): Proven {
  return { user: toUser(row), passwordHash };
}

function deadLink(): AppError {
  return new AppError('not-found', 'This link was used already or is too old. Ask an admin for a new one.', {
    fields: [{ path: 'link', message: 'is not good any more' }],
  });
}
