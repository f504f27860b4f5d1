import type { Page, PageQuery, Role } from '@davit/contract';
import { Op, QueryTypes } from 'sequelize';
import type { CredentialKey } from '../../platform/credential.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import { timeCursor, toPage } from '../../platform/paging.ts';
import { defineSessionModel, type SessionModel, type SessionRow } from './model.ts';

/** A session that is good, with its person. */
export interface LiveSession {
  id: string;
  userId: string;
  name: string;
  role: Role;
  lastSeenAt: Date;
  expiresAt: Date;
}

/** What identifies a session that was deleted. */
export interface EndedSession {
  id: string;
  userId: string;
}

/** Sessions in PostgreSQL. */
export class SessionStore {
  readonly #db: Database;
  readonly #sessions: SessionModel;

  constructor(db: Database) {
    this.#db = db;
    this.#sessions = defineSessionModel(db);
  }

  async insert(row: SessionRow, tx: Transaction): Promise<void> {
    await this.#sessions.create(row, { transaction: tx });
  }

  /** One query: the session, provided it is not over and its person may sign in. */
  async findLive(key: CredentialKey, now: Date): Promise<LiveSession | undefined> {
    const [row] = await this.#db.query<LiveSession>(
      `SELECT s.id, s.user_id AS "userId", u.name, u.role, s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt"
       FROM sessions s JOIN users u ON u.id = s.user_id
       WHERE ${'id' in key ? 's.id = $key' : 's.secret_hash = $key'}
         AND s.expires_at > $now AND u.active AND u.deleted_at IS NULL`,
      { bind: { key: 'id' in key ? key.id : key.secretHash, now }, type: QueryTypes.SELECT },
    );
    return row;
  }

  async exists(id: string, tx: Transaction): Promise<boolean> {
    return (await this.#sessions.count({ where: { id }, transaction: tx })) === 1;
  }

  async touch(id: string, lastSeenAt: Date, expiresAt: Date): Promise<void> {
    await this.#sessions.update({ lastSeenAt, expiresAt }, { where: { id } });
  }

  /** One page of a person's sessions that are not over, newest first: by last use rows would move while one pages. */
  async list(userId: string, now: Date, { limit, cursor }: PageQuery): Promise<Page<SessionRow>> {
    const after = timeCursor(cursor);
    const rows = await this.#sessions.findAll({
      where: {
        userId,
        expiresAt: { [Op.gt]: now },
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

  /** Deletes one session of a person; false when there was none. */
  async remove(id: string, userId: string, tx?: Transaction): Promise<boolean> {
    return (await this.#sessions.destroy({ where: { id, userId }, transaction: tx })) === 1;
  }

  /** Deletes all sessions of a person but `keepId`. */
  async removeOf(userId: string, tx?: Transaction, keepId = ''): Promise<EndedSession[]> {
    return this.#delete('user_id = $userId AND id <> $keepId', { userId, keepId }, tx);
  }

  /** Deletes the sessions of a person that were used longest ago, so that `keep` stay. */
  async removeOldest(userId: string, keep: number, tx: Transaction): Promise<EndedSession[]> {
    const oldest = 'SELECT id FROM sessions WHERE user_id = $userId ORDER BY last_seen_at DESC, id OFFSET $keep';
    return this.#delete(`id IN (${oldest})`, { userId, keep }, tx);
  }

  async removeExpired(now: Date): Promise<EndedSession[]> {
    return this.#delete('expires_at <= $now', { now });
  }

  #delete(where: string, bind: Record<string, unknown>, tx?: Transaction): Promise<EndedSession[]> {
    // A DELETE that returns rows is read like a SELECT.
    return this.#db.query<EndedSession>(`DELETE FROM sessions WHERE ${where} RETURNING id, user_id AS "userId"`, {
      bind,
      type: QueryTypes.SELECT,
      transaction: tx,
    });
  }
}
