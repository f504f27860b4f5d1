import type { Page, PageQuery, Role, Scope } from '@davit/contract';
import { Op, QueryTypes } from 'sequelize';
import type { CredentialKey } from '../../platform/credential.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import { timeCursor, toPage } from '../../platform/paging.ts';
import { defineTokenModel, type TokenModel, type TokenRow } from './model.ts';

/** A token that is good, with its person. */
export interface LiveToken {
  id: string;
  userId: string;
  name: string;
  role: Role;
  scopes: Scope[];
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** What identifies a token that was deleted. */
export interface EndedToken {
  id: string;
  userId: string;
}

/** API tokens in PostgreSQL. */
export class TokenStore {
  readonly #db: Database;
  readonly #tokens: TokenModel;

  constructor(db: Database) {
    this.#db = db;
    this.#tokens = defineTokenModel(db);
  }

  async insert(row: TokenRow, tx: Transaction): Promise<void> {
    await this.#tokens.create(row, { transaction: tx });
  }

  /** How many tokens of a person are good at `now`. */
  async countAlive(userId: string, now: Date, tx: Transaction): Promise<number> {
    const alive = { [Op.or]: [{ expiresAt: null }, { expiresAt: { [Op.gt]: now } }] };
    return this.#tokens.count({ where: { userId, ...alive }, transaction: tx });
  }

  /** One query: the token, provided it is not over and its person may sign in. */
  async findLive(key: CredentialKey, now: Date): Promise<LiveToken | undefined> {
    const [row] = await this.#db.query<LiveToken>(
      `SELECT t.id, t.user_id AS "userId", u.name, u.role, t.scopes,
         t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt"
       FROM tokens t JOIN users u ON u.id = t.user_id
       WHERE ${'id' in key ? 't.id = $key' : 't.secret_hash = $key'}
         AND (t.expires_at IS NULL OR t.expires_at > $now) AND u.active AND u.deleted_at IS NULL`,
      { bind: { key: 'id' in key ? key.id : key.secretHash, now }, type: QueryTypes.SELECT },
    );
    return row;
  }

  async touch(id: string, lastUsedAt: Date): Promise<void> {
    await this.#tokens.update({ lastUsedAt }, { where: { id } });
  }

  /** One page of a person's tokens, newest first; expired ones too until they are cleaned up. */
  async list(userId: string, { limit, cursor }: PageQuery): Promise<Page<TokenRow>> {
    const after = timeCursor(cursor);
    const rows = await this.#tokens.findAll({
      where: {
        userId,
        ...(after === undefined
          ? {}
          : {
              [Op.or]: [
                { createdAt: { [Op.lt]: after.createdAt } },
                { createdAt: after.createdAt, id: { [Op.gt]: after.id } },
              ],
            }),
      },
      order: [
        ['createdAt', 'DESC'],
        ['id', 'ASC'],
      ],
      limit: limit + 1,
    });
    return toPage(
      rows.map((row) => row.get()),
      limit,
      (row) => [row.createdAt.getTime(), row.id],
    );
  }

  /** Deletes one token of a person; false when there was none. */
  async remove(id: string, userId: string): Promise<boolean> {
    return (await this.#tokens.destroy({ where: { id, userId } })) === 1;
  }

  async removeOf(userId: string, tx: Transaction): Promise<EndedToken[]> {
    return this.#delete('user_id = $userId', { userId }, tx);
  }

  async removeExpired(now: Date): Promise<EndedToken[]> {
    return this.#delete('expires_at <= $now', { now });
  }

  #delete(where: string, bind: Record<string, unknown>, tx?: Transaction): Promise<EndedToken[]> {
    // A DELETE that returns rows is read like a SELECT.
    return this.#db.query<EndedToken>(`DELETE FROM tokens WHERE ${where} RETURNING id, user_id AS "userId"`, {
      bind,
      type: QueryTypes.SELECT,
      transaction: tx,
    });
  }
}
