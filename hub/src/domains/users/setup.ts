import { passwordSchema, userNameSchema } from '@davit/contract';
import { z } from 'zod';
import { badRequest } from '../../platform/errors.ts';
import { emitChanged, endAll, type UsersContext } from './context.ts';
import { newUserRow } from './model.ts';

const adminSchema = z.object({ name: userNameSchema, password: passwordSchema });

/** How a hub gets its first admin. */
export class Setup {
  readonly #context: UsersContext;

  constructor(context: UsersContext) {
    this.#context = context;
  }

  /** True while nobody can sign in as an admin. */
  async required(): Promise<boolean> {
    return (await this.#context.store.countAbleAdmins()) === 0;
  }

  /** A fresh link with which the first admin chooses name and password; undefined once there is one. */
  async ensureSetupLink(): Promise<string | undefined> {
    if (!(await this.required())) return undefined;
    return (await this.#context.links.createSetup()).url;
  }

  /**
   * Makes the first admin without a person, or gives the one of this name a password and the role; does nothing when some
   * admin can sign in, so each boot may call it. True when it made one.
   */
  async bootstrapAdmin(name: string, password: string): Promise<boolean> {
    const checked = adminSchema.safeParse({ name, password });
    if (!checked.success) throw badRequest(checked.error, 'admin');
    if (!(await this.required())) return false;
    const { db, store, linkStore, passwords, clock } = this.#context;
    const passwordHash = await passwords.hash(password);
    const made = await db.transaction(async (tx) => {
      await store.lockAdmins(tx);
      if ((await store.countAbleAdmins(tx)) > 0) return undefined;
      await linkStore.removeOf(null, tx);
      const existing = await store.findByName(name, tx);
      if (existing !== undefined) {
        const events = await endAll(this.#context, existing.id, tx);
        await store.update(existing.id, { role: 'admin', active: true, passwordHash }, tx);
        return { id: existing.id, events };
      }
      const row = await store.insert(newUserRow(clock.now(), { name, role: 'admin', passwordHash }), tx);
      return { id: row.id, events: [] };
    });
    if (made === undefined) return false;
    emitChanged(this.#context, made.id, made.events);
    return true;
  }
}
