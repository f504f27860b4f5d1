import type { Quota, ServerPhase } from '@davit/contract';
import { QueryTypes, UniqueConstraintError } from 'sequelize';
import type { Database, Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { SERVER_COLUMNS, toColumn, type ServerPatch, type ServerRow } from './model.ts';

const COLUMNS = Object.entries(SERVER_COLUMNS)
  .map(([key, column]) => `${column} AS "${key}"`)
  .join(', ');

/** What the reconciler has to look at; the same words as the partial index `servers_active`. */
const ACTIVE = `deleted_at IS NULL AND (desired <> 'stopped' OR reserved)`;

/** Key of the advisory lock under which capacity and cards are given out. */
const ADMISSION_LOCK = 0x0da41a;

/** Which servers a list shows, newest first. `ownerIds` undefined: everybody's. */
export interface ServerFilter {
  ownerIds: readonly string[] | undefined;
  /** Only this one. */
  id: string | undefined;
  phase: ServerPhase | undefined;
  search: string | undefined;
  after: { createdAt: Date; id: string } | undefined;
  limit: number;
}

/** Servers in PostgreSQL. */
export class ServerStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** A transaction; all in it must be given its handle, or two of them can wait for each other's connections. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#db.transaction(work);
  }

  /** A server, deleted ones too. */
  async find(id: string, tx?: Transaction): Promise<ServerRow | undefined> {
    const [row] = await this.#select('id = $id', { id }, tx);
    return row;
  }

  async findMany(ids: readonly string[]): Promise<ServerRow[]> {
    return ids.length === 0 ? [] : this.#select('id = ANY($ids)', { ids });
  }

  /** A server that is not deleted, locked until the transaction ends. */
  async lock(id: string, tx: Transaction): Promise<ServerRow | undefined> {
    const [row] = await this.#select('id = $id AND deleted_at IS NULL', { id }, tx, 'FOR UPDATE');
    return row;
  }

  /** Servers that run, are about to, or still hold something; first those that wait, first come first. */
  active(): Promise<ServerRow[]> {
    return this.#select(ACTIVE, {}, undefined, 'ORDER BY queued_at, id');
  }

  /** Servers of an image that nobody has deleted; those that are being deleted need it no longer. */
  ofImage(imageId: string, tx: Transaction): Promise<ServerRow[]> {
    return this.#select(
      `image_id = $imageId AND deleted_at IS NULL AND desired <> 'deleted'`,
      { imageId },
      tx,
      'ORDER BY created_at, id',
    );
  }

  /** All servers that are not deleted, for what is kept in memory from boot on. */
  all(): Promise<ServerRow[]> {
    return this.#select('deleted_at IS NULL', {});
  }

  async page({ ownerIds, id, phase, search, after, limit }: ServerFilter): Promise<ServerRow[]> {
    const conditions = ['deleted_at IS NULL'];
    if (ownerIds !== undefined) conditions.push('owner_id = ANY($ownerIds)');
    if (id !== undefined) conditions.push('id = $only');
    if (phase !== undefined) conditions.push('phase = $phase');
    if (search !== undefined) conditions.push('strpos(lower(name), lower($search)) > 0');
    if (after !== undefined) conditions.push('(created_at, id) < ($createdAt::timestamptz, $id)');
    const bind = { ownerIds, only: id, phase, search, ...after, limit: limit + 1 };
    return this.#select(conditions.join(' AND '), bind, undefined, 'ORDER BY created_at DESC, id DESC LIMIT $limit');
  }

  /** Adds a server. A name that the owner has given already is a conflict that names the field. */
  async insert(row: ServerRow, tx: Transaction): Promise<ServerRow> {
    const keys = Object.keys(SERVER_COLUMNS) as (keyof ServerRow)[];
    const sql = `INSERT INTO servers (${keys.map((key) => SERVER_COLUMNS[key]).join(', ')})
      VALUES (${keys.map((key) => `$${key}`).join(', ')}) RETURNING ${COLUMNS}`;
    const bind = Object.fromEntries(keys.map((key) => [key, toColumn(key, row[key])]));
    const [created] = await this.#query(sql, bind, tx).catch((error: unknown) => nameTaken(error, row.name));
    if (created === undefined) throw new Error('INSERT returned no row');
    return created;
  }

  /** Changes the row if it is still at the version of `row`; undefined when somebody was faster. */
  async update(row: ServerRow, patch: ServerPatch, tx?: Transaction): Promise<ServerRow | undefined> {
    const keys = Object.keys(patch) as (keyof ServerPatch)[];
    const sets = keys.map((key) => `${SERVER_COLUMNS[key]} = $${key}`);
    const sql = `UPDATE servers SET ${[...sets, 'version = version + 1'].join(', ')}
      WHERE id = $id AND version = $version RETURNING ${COLUMNS}`;
    const bind = Object.fromEntries(keys.map((key) => [key, toColumn(key, patch[key])]));
    const [updated] = await this.#query(sql, { ...bind, id: row.id, version: row.version }, tx);
    return updated;
  }

  /** Counts a change that is not in the row itself (which editors are ready). */
  async touch(id: string): Promise<ServerRow | undefined> {
    const sql = `UPDATE servers SET version = version + 1 WHERE id = $id AND deleted_at IS NULL RETURNING ${COLUMNS}`;
    const [row] = await this.#query(sql, { id });
    return row;
  }

  /** Wants all servers of a person deleted. */
  markDeletedOf(ownerId: string, tx: Transaction): Promise<ServerRow[]> {
    const sql = `UPDATE servers SET desired = 'deleted', phase = 'deleting', reason = NULL, version = version + 1
      WHERE owner_id = $ownerId AND deleted_at IS NULL AND desired <> 'deleted' RETURNING ${COLUMNS}`;
    return this.#query(sql, { ownerId }, tx);
  }

  /** What a person uses of the quota; `exceptId` leaves one server's resources out. */
  async usageOf(ownerId: string, { tx, exceptId = '' }: { tx?: Transaction; exceptId?: string } = {}): Promise<Quota> {
    const counted = `FILTER (WHERE reserved AND id <> $exceptId)`;
    const sql = `SELECT count(*) FILTER (WHERE desired <> 'deleted')::int AS servers,
        coalesce(sum(cpu) ${counted}, 0)::float8 AS cpu,
        coalesce(sum(memory_mb) ${counted}, 0)::float8 AS "memoryMb",
        coalesce(sum(gpu) ${counted}, 0)::float8 AS gpu
      FROM servers WHERE owner_id = $ownerId AND deleted_at IS NULL`;
    const [used] = await this.#db.query<Quota>(sql, {
      bind: { ownerId, exceptId },
      type: QueryTypes.SELECT,
      transaction: tx,
    });
    return used ?? { servers: 0, cpu: 0, memoryMb: 0, gpu: 0 };
  }

  /** Servers that hold capacity of the machines. */
  holders(tx?: Transaction): Promise<ServerRow[]> {
    return this.#select(`${ACTIVE} AND admitted_at IS NOT NULL`, {}, tx);
  }

  /** Servers that run and were ready, which a policy may release. */
  running(): Promise<ServerRow[]> {
    return this.#select(`${ACTIVE} AND desired = 'running' AND ready_at IS NOT NULL`, {});
  }

  /** Notes a person's input unless one within `everyMs` before is noted; true when it was. No change that anybody is told of. */
  async noteInput(id: string, at: Date, everyMs: number): Promise<boolean> {
    const sql = `UPDATE servers SET last_input_at = $at
      WHERE id = $id AND desired = 'running' AND (last_input_at IS NULL OR last_input_at <= $before) RETURNING id`;
    const bind = { id, at, before: new Date(at.getTime() - everyMs) };
    return (await this.#db.query(sql, { bind, type: QueryTypes.SELECT })).length > 0;
  }

  /** When a person's last input on each of these servers was noted; those without one are left out. */
  async lastInputs(ids: readonly string[]): Promise<Map<string, Date>> {
    if (ids.length === 0) return new Map();
    const sql = 'SELECT id, last_input_at AS at FROM servers WHERE id = ANY($ids) AND last_input_at IS NOT NULL';
    const rows = await this.#db.query<{ id: string; at: Date }>(sql, { bind: { ids }, type: QueryTypes.SELECT });
    return new Map(rows.map(({ id, at }) => [id, at]));
  }

  /** Servers that wait for capacity, first come first. */
  queue(tx?: Transaction): Promise<ServerRow[]> {
    return this.#select(
      `deleted_at IS NULL AND desired = 'running' AND admitted_at IS NULL`,
      {},
      tx,
      'ORDER BY queued_at, id',
    );
  }

  /** From here to the end of the transaction no other hub gives out capacity. */
  async lockAdmission(tx: Transaction): Promise<void> {
    await this.#db.query(`SELECT pg_advisory_xact_lock(${String(ADMISSION_LOCK)})`, { transaction: tx });
  }

  /** Content ids of the images that are kept for servers on their way. */
  async pinnedDigests(): Promise<string[]> {
    const sql =
      'SELECT DISTINCT image_digest AS digest FROM servers WHERE deleted_at IS NULL AND image_digest IS NOT NULL';
    const rows = await this.#db.query<{ digest: string }>(sql, { type: QueryTypes.SELECT });
    return rows.map(({ digest }) => digest);
  }

  /** Servers by phase, for metrics. */
  async countByPhase(): Promise<{ phase: ServerPhase; count: number }[]> {
    const sql = 'SELECT phase, count(*)::int AS count FROM servers WHERE deleted_at IS NULL GROUP BY phase';
    return this.#db.query<{ phase: ServerPhase; count: number }>(sql, { type: QueryTypes.SELECT });
  }

  #select(condition: string, bind: Record<string, unknown>, tx?: Transaction, tail = ''): Promise<ServerRow[]> {
    return this.#query(`SELECT ${COLUMNS} FROM servers WHERE ${condition} ${tail}`, bind, tx);
  }

  #query(sql: string, bind: Record<string, unknown>, transaction?: Transaction): Promise<ServerRow[]> {
    return this.#db.query<ServerRow>(sql, { bind, type: QueryTypes.SELECT, transaction });
  }
}

function nameTaken(error: unknown, name: string): never {
  if (!(error instanceof UniqueConstraintError)) throw error;
  throw new AppError('conflict', `You have a server named "${name}" already. Choose another name.`, {
    fields: [{ path: 'name', message: 'is taken by another of your servers' }],
    cause: error,
  });
}
