import { QueryTypes } from 'sequelize';
import type { Via } from '../../platform/auth.ts';
import type { Database } from '../../platform/db.ts';

/** What a link or a login is bound to. `host` is the server's host when it was made. */
export interface Grant {
  userId: string;
  via: Via;
  serverId: string;
  host: string;
}

interface GrantRow {
  user_id: string;
  via_kind: Via['kind'];
  via_id: string;
  server_id: string;
  host: string;
}

const GRANT_COLUMNS = 'user_id, via_kind, via_id, server_id, host';

/** The tables `access_codes` (links not yet followed) and `access_logins` (cookies of servers). Holds hashes only. */
export class AccessStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async insertCode(code: Grant & { codeHash: string; path: string; expiresAt: Date }): Promise<void> {
    await this.#db.query(
      `INSERT INTO access_codes (code_hash, ${GRANT_COLUMNS}, path, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      { bind: [code.codeHash, ...grantValues(code), code.path, code.expiresAt] },
    );
  }

  /** Marks a code as used and gives what it stands for; undefined when it is unknown, used, expired or of another host. */
  async useCode(code: {
    codeHash: string;
    serverId: string;
    host: string;
    now: Date;
  }): Promise<(Grant & { path: string }) | undefined> {
    const rows = await this.#db.query<GrantRow & { path: string }>(
      `UPDATE access_codes SET used_at = $4
        WHERE code_hash = $1 AND server_id = $2 AND host = $3 AND used_at IS NULL AND expires_at > $4
        RETURNING ${GRANT_COLUMNS}, path`,
      { bind: [code.codeHash, code.serverId, code.host, code.now], type: QueryTypes.SELECT },
    );
    const row = rows[0];
    return row && { ...toGrant(row), path: row.path };
  }

  async insertLogin(login: Grant & { secretHash: string; expiresAt: Date }): Promise<void> {
    await this.#db.query(
      `INSERT INTO access_logins (secret_hash, ${GRANT_COLUMNS}, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      { bind: [login.secretHash, ...grantValues(login), login.expiresAt] },
    );
  }

  async findLogin(secretHash: string, now: Date): Promise<Grant | undefined> {
    const rows = await this.#db.query<GrantRow>(
      `SELECT ${GRANT_COLUMNS} FROM access_logins WHERE secret_hash = $1 AND expires_at > $2`,
      { bind: [secretHash, now], type: QueryTypes.SELECT },
    );
    return rows[0] && toGrant(rows[0]);
  }

  async deleteExpired(now: Date): Promise<void> {
    await this.#db.query('DELETE FROM access_codes WHERE expires_at <= $1', { bind: [now] });
    await this.#db.query('DELETE FROM access_logins WHERE expires_at <= $1', { bind: [now] });
  }
}

function grantValues({ userId, via, serverId, host }: Grant): string[] {
  return [userId, via.kind, via.id, serverId, host];
}

function toGrant(row: GrantRow): Grant {
  return {
    userId: row.user_id,
    via: { kind: row.via_kind, id: row.via_id },
    serverId: row.server_id,
    host: row.host,
  };
}
