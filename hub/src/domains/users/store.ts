import type { Page, Quota, Role, UserListQuery } from '@davit/contract';
import { QueryTypes, UniqueConstraintError } from 'sequelize';
import type { Database, Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { badCursor, decodeCursor, toPage } from '../../platform/paging.ts';
import { defineUserModel, type UserModel, type UserRow } from './model.ts';

const COLUMNS = `id, name, display_name AS "displayName", role, active, password_hash AS "passwordHash", quota,
  created_at AS "createdAt", last_seen_at AS "lastSeenAt", deleted_at AS "deletedAt"`;

/** When somebody was last seen in milliseconds, as a cursor has it; 0 for never. */
const SEEN_MS = `coalesce(floor(extract(epoch FROM last_seen_at) * 1000), 0)::float8`;

/** An admin who can sign in. At least one of them must stay. */
const ABLE_ADMIN = `role = 'admin' AND active AND password_hash IS NOT NULL AND deleted_at IS NULL`;

/** Key of the advisory lock under which the set of admins changes. */
const ADMINS_LOCK = 0x0da418;

export interface UserChanges {
  name?: string;
  displayName?: string;
  role?: Role;
  active?: boolean;
  quota?: Partial<Quota>;
  passwordHash?: string | null;
  deletedAt?: Date;
}

/** People in PostgreSQL. */
export class UserStore {
  readonly #db: Database;
  readonly #users: UserModel;

  constructor(db: Database) {
    this.#db = db;
    this.#users = defineUserModel(db);
  }

  /** Adds a person. A name that is taken is a conflict that names the field. */
  async insert(row: UserRow, tx?: Transaction): Promise<UserRow> {
    const created = await this.#users.create(row, { transaction: tx }).catch(nameTaken);
    return created.get();
  }

  /** A person, deleted ones too. */
  async find(id: string, tx?: Transaction): Promise<UserRow | undefined> {
    return (await this.#users.findByPk(id, { transaction: tx }))?.get();
  }

  /** Names of people by id, deleted ones too. */
  async namesOf(ids: readonly string[], tx?: Transaction): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#db.query<{ id: string; name: string }>('SELECT id, name FROM users WHERE id = ANY($ids)', {
      bind: { ids },
      type: QueryTypes.SELECT,
      transaction: tx,
    });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** A person who is not deleted, by sign-in name without regard to case. */
  async findByName(name: string, tx?: Transaction): Promise<UserRow | undefined> {
    const [row] = await this.#select(`lower(name) = lower($name) AND deleted_at IS NULL`, { name }, tx);
    return row;
  }

  /** Locks the person's row until the transaction ends: `update` against all others, `share` against changes only. */
  async lock(id: string, tx: Transaction, mode: 'update' | 'share' = 'update'): Promise<UserRow | undefined> {
    const [row] = await this.#select('id = $id', { id }, tx, `FOR ${mode.toUpperCase()}`);
    return row;
  }

  async update(id: string, changes: UserChanges, tx: Transaction): Promise<UserRow | undefined> {
    await this.#users.update(changes, { where: { id }, transaction: tx }).catch(nameTaken);
    return this.find(id, tx);
  }

  /** One page. `search` is looked for in both names, without regard to case. */
  async list({ limit, cursor, search, role, active, sort }: UserListQuery): Promise<Page<UserRow>> {
    const [descending, by] = sort.startsWith('-') ? [true, sort.slice(1)] : [false, sort];
    const [seen = 0, name] = decodeCursor(cursor, 2) ?? [];
    const key = by === 'lastSeen' ? `(${SEEN_MS}, lower(name))` : '(0, lower(name))';
    const conditions = ['deleted_at IS NULL'];
    if (name !== undefined) conditions.push(`${key} ${descending ? '<' : '>'} ($seen, $name)`);
    if (search !== undefined) conditions.push(`strpos(lower(name || ' ' || display_name), lower($search)) > 0`);
    if (role !== undefined) conditions.push('role = $role');
    if (active !== undefined) conditions.push('active = $active');
    const bind = { seen: numberOfKey(seen), name: String(name), search, role, active, limit: limit + 1 };
    const direction = descending ? 'DESC' : 'ASC';
    const order = by === 'lastSeen' ? `${SEEN_MS} ${direction}, lower(name) ${direction}` : `lower(name) ${direction}`;
    const rows = await this.#select(conditions.join(' AND '), bind, undefined, `ORDER BY ${order} LIMIT $limit`);
    return toPage(rows, limit, (row) => [
      by === 'lastSeen' ? (row.lastSeenAt?.getTime() ?? 0) : 0,
      row.name.toLowerCase(),
    ]);
  }

  /** From here to the end of the transaction nobody else changes who is an admin. */
  async lockAdmins(tx: Transaction): Promise<void> {
    await this.#db.query(`SELECT pg_advisory_xact_lock(${String(ADMINS_LOCK)})`, { transaction: tx });
  }

  /** How many admins can sign in. */
  async countAbleAdmins(tx?: Transaction): Promise<number> {
    const [row] = await this.#db.query<{ n: number }>(`SELECT count(*)::int AS n FROM users WHERE ${ABLE_ADMIN}`, {
      type: QueryTypes.SELECT,
      transaction: tx,
    });
    return row?.n ?? 0;
  }

  /** Notes that the person was here. Skips a locked row: who signs in must not wait for it. */
  async seen(id: string, at: Date): Promise<void> {
    await this.#db.query(
      `UPDATE users SET last_seen_at = $at
       WHERE id = (SELECT id FROM users WHERE id = $id FOR NO KEY UPDATE SKIP LOCKED)`,
      { bind: { id, at } },
    );
  }

  #select(where: string, bind: Record<string, unknown>, tx?: Transaction, tail = ''): Promise<UserRow[]> {
    return this.#db.query<UserRow>(`SELECT ${COLUMNS} FROM users WHERE ${where} ${tail}`, {
      bind,
      type: QueryTypes.SELECT,
      transaction: tx,
    });
  }
}

function numberOfKey(part: string | number): number {
  if (typeof part === 'number') return part;
  throw badCursor();
}

function nameTaken(error: unknown): never {
  if (!(error instanceof UniqueConstraintError)) throw error;
  throw new AppError('conflict', 'Somebody already has this name. Choose another.', {
    fields: [{ path: 'name', message: 'is taken' }],
    cause: error,
  });
}
