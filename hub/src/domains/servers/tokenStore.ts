import { QueryTypes } from 'sequelize';
import type { Database } from '../../platform/db.ts';
import type { ServerRef } from './spawner.ts';

/** A token that is good now, and whose server it is. */
export interface LiveServerToken {
  id: string;
  serverId: string;
  ownerId: string;
  generation: number;
}

/** A server whose token is to be replaced. */
export interface DueServer {
  serverId: string;
  generation: number;
}

/** A token dies with the wish for its container: by stop, failure, reset, a new start, deletion. */
const WANTED = `s.id = t.server_id AND s.generation = t.generation AND s.desired = 'running' AND s.deleted_at IS NULL`;

/** Tokens of code inside servers in PostgreSQL; hashes only. */
export class ServerTokenStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async insert(token: {
    id: string;
    tokenHash: string;
    serverId: string;
    generation: number;
    expiresAt: Date;
  }): Promise<void> {
    await this.#db.query(
      `INSERT INTO server_tokens (id, token_hash, server_id, generation, expires_at)
       VALUES ($id, $tokenHash, $serverId, $generation, $expiresAt)`,
      { bind: { ...token } },
    );
  }

  async findLive(tokenHash: string, now: Date): Promise<LiveServerToken | undefined> {
    const [token] = await this.#db.query<LiveServerToken>(
      `SELECT t.id, t.server_id AS "serverId", t.generation, s.owner_id AS "ownerId"
       FROM server_tokens t JOIN servers s ON ${WANTED}
       WHERE t.token_hash = $tokenHash AND t.expires_at > $now`,
      { bind: { tokenHash, now }, type: QueryTypes.SELECT },
    );
    return token;
  }

  /** Those of `ids` that are good now. */
  async liveAmong(ids: readonly string[], now: Date): Promise<LiveServerToken[]> {
    if (ids.length === 0) return [];
    return this.#db.query<LiveServerToken>(
      `SELECT t.id, t.server_id AS "serverId", t.generation, s.owner_id AS "ownerId"
       FROM server_tokens t JOIN servers s ON ${WANTED}
       WHERE t.id = ANY($ids) AND t.expires_at > $now`,
      { bind: { ids: [...ids], now }, type: QueryTypes.SELECT },
    );
  }

  /** The container that a server wants now, if it is this one; its engine id stands for its token. */
  async findContainer({ serverId, engineId }: ServerRef): Promise<LiveServerToken | undefined> {
    const containers = await this.liveContainers([engineId]);
    return containers.find((one) => one.serverId === serverId);
  }

  /** Those of these containers, by their engine ids, that are wanted now. */
  liveContainers(engineIds: readonly string[]): Promise<LiveServerToken[]> {
    return this.#db.query<LiveServerToken>(
      `SELECT engine_id AS id, id AS "serverId", generation, owner_id AS "ownerId" FROM servers
       WHERE engine_id = ANY($engineIds) AND desired = 'running' AND deleted_at IS NULL`,
      { bind: { engineIds: [...engineIds] }, type: QueryTypes.SELECT },
    );
  }

  /** Notes that the container holds this token, good until `expiresAt`; all others of the server end by `othersEnd`. */
  async place(
    { id, serverId }: { id: string; serverId: string },
    { now, expiresAt, othersEnd }: { now: Date; expiresAt: Date; othersEnd: Date },
  ): Promise<void> {
    await this.#db.query(
      `UPDATE server_tokens SET
         placed_at = CASE WHEN id = $id THEN $now ELSE placed_at END,
         expires_at = CASE WHEN id = $id THEN $expiresAt ELSE LEAST(expires_at, $othersEnd) END
       WHERE server_id = $serverId`,
      { bind: { id, serverId, now, expiresAt, othersEnd } },
    );
  }

  /** Running servers without a token that was placed since then. */
  due(placedBefore: Date): Promise<DueServer[]> {
    return this.#db.query<DueServer>(
      `SELECT s.id AS "serverId", s.generation FROM servers s
       WHERE s.desired = 'running' AND s.phase = 'running' AND s.deleted_at IS NULL AND NOT EXISTS (
         SELECT FROM server_tokens t WHERE ${WANTED} AND t.placed_at > $placedBefore)`,
      { bind: { placedBefore }, type: QueryTypes.SELECT },
    );
  }

  /** Deletes what is good for nothing any more. */
  async removeEnded(now: Date): Promise<void> {
    await this.#db.query(
      `DELETE FROM server_tokens t WHERE t.expires_at <= $now OR NOT EXISTS (SELECT FROM servers s WHERE ${WANTED})`,
      { bind: { now } },
    );
  }
}
