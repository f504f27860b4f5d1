import { Op } from 'sequelize';
import type { Database, Transaction } from '../../platform/db.ts';
import { definePasswordLinkModel, type PasswordLinkModel, type PasswordLinkRow } from './model.ts';

/** One-time links in PostgreSQL, by the hash of their secret. */
export class LinkStore {
  readonly #links: PasswordLinkModel;

  constructor(db: Database) {
    this.#links = definePasswordLinkModel(db);
  }

  async insert(row: PasswordLinkRow, tx?: Transaction): Promise<void> {
    await this.#links.create(row, { transaction: tx });
  }

  /** A link that is still good. */
  async find(secretHash: string, now: Date): Promise<PasswordLinkRow | undefined> {
    return (await this.#links.findOne({ where: { secretHash, expiresAt: { [Op.gt]: now } } }))?.get();
  }

  /** Uses the link up; of several that try at once, one gets true. */
  async take(secretHash: string, now: Date, tx: Transaction): Promise<boolean> {
    const where = { secretHash, expiresAt: { [Op.gt]: now } };
    return (await this.#links.destroy({ where, transaction: tx })) === 1;
  }

  /** Ends all links of a person; null: those that make the first admin. */
  async removeOf(userId: string | null, tx: Transaction): Promise<void> {
    await this.#links.destroy({ where: { userId }, transaction: tx });
  }

  async removeExpired(now: Date): Promise<void> {
    await this.#links.destroy({ where: { expiresAt: { [Op.lte]: now } } });
  }
}
