import { QueryTypes } from 'sequelize';
import type { UsageQuery } from '@davit/contract';
import type { Database } from '../../platform/db.ts';
import type { Days } from './days.ts';

/** What keys a row has; the parts of the range are days only where one of them is the day. */
export type Grouping = UsageQuery['by'] | 'nothing';

/** Whose and which intervals count; `ownerIds` undefined: everybody's. */
export interface UsageFilter {
  ownerIds: readonly string[] | undefined;
  serverIds?: readonly string[] | undefined;
}

/** Where a page goes on: rows come by day and seconds, most first. */
export interface UsageKey {
  day: string;
  seconds: string;
  ids: string;
}

/** One row of sums; keys that the grouping leaves out are null. `seconds` is exact, as text. */
export interface UsageSums {
  day: string | null;
  userId: string | null;
  userName: string | null;
  serverId: string | null;
  serverName: string | null;
  serverDeleted: boolean;
  ids: string;
  seconds: string;
  minutes: number;
  cpuCoreMinutes: number;
  memoryGbMinutes: number;
  gpuCardMinutes: number;
  since: Date;
}

interface SumsQuery {
  by: Grouping;
  filter: UsageFilter;
  range: Days;
  /** Containers that run are counted until then. A later page asks with the same moment, so that rows keep their places. */
  now: Date;
  after?: UsageKey | undefined;
  limit: number;
}

const KEYS: Record<Grouping, { day: boolean; user: boolean; server: boolean }> = {
  nothing: { day: false, user: false, server: false },
  user: { day: false, user: true, server: false },
  server: { day: false, user: true, server: true },
  day: { day: true, user: false, server: false },
  'server-day': { day: true, user: true, server: true },
  'user-day': { day: true, user: true, server: false },
};

/**
 * Usage, summed up from the times of containers each time it is asked for: nothing is stored that could differ from them.
 * Reads the rows of servers and users besides; only their own domains write those.
 */
export class UsageStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Rows of the grouping with the most used first, days newest first. */
  sums({ by, filter, range, now, after, limit }: SumsQuery): Promise<UsageSums[]> {
    const keys = KEYS[by];
    const bind = {
      ...filter,
      edges: range.edges.map((edge) => edge.toISOString()),
      days: range.days,
      now,
      after: after !== undefined,
      ...(after ?? { day: '', seconds: '0', ids: '' }),
      limit,
    };
    return this.#db.query<UsageSums>(sumsSql(keys, filter), { bind: used(bind, filter), type: QueryTypes.SELECT });
  }

  /** Who owns a server, a deleted one too. */
  async ownerOf(serverId: string): Promise<string | undefined> {
    const sql = 'SELECT owner_id AS "ownerId" FROM servers WHERE id = $serverId';
    const [row] = await this.#db.query<{ ownerId: string }>(sql, { bind: { serverId }, type: QueryTypes.SELECT });
    return row?.ownerId;
  }
}

/** PostgreSQL refuses values that no part of the statement takes. */
function used(bind: Record<string, unknown>, filter: UsageFilter): Record<string, unknown> {
  const { ownerIds, serverIds, ...rest } = bind;
  return {
    ...rest,
    ...(filter.ownerIds === undefined ? {} : { ownerIds }),
    ...(filter.serverIds === undefined ? {} : { serverIds }),
  };
}

/** How long after it was last seen a container without an end still counts as running; it is seen once a minute. */
const SEEN_FOR = `interval '3 minutes'`;

/**
 * One interval per container, from start to end by the engine's clock; cut at the edges of the days, then summed up. An
 * end is told by the clock as it was set last, and counts as the clock by which the container started would have told it.
 * No end lies beyond now, or beyond when the container was last seen, and none before the start. What runs counts until now,
 * but not longer than it can be known: a container may be gone while neither hub nor engine answers.
 */
function sumsSql(keys: { day: boolean; user: boolean; server: boolean }, filter: UsageFilter): string {
  const owners = filter.ownerIds === undefined ? '' : 'AND owner_id = ANY($ownerIds)';
  const server = filter.serverIds === undefined ? '' : 'AND server_id = ANY($serverIds)';
  return `
    WITH intervals AS (
      SELECT owner_id, server_id, cpu::numeric AS cpu, memory_mb, gpu, started_at,
        CASE WHEN ended_at IS NULL THEN least(seen_at + ${SEEN_FOR}, $now::timestamptz)
          ELSE least(ended_at, greatest(seen_at + ${SEEN_FOR}, $now::timestamptz)) END
          - clock_step_ms * interval '1 millisecond' AS ended_at
      FROM server_runs
      WHERE started_at < ($edges::timestamptz[])[cardinality($days::text[]) + 1]
        AND (coalesce(ended_at, 'infinity'::timestamptz) > ($edges::timestamptz[])[1] OR clock_step_ms < 0)
        ${owners} ${server}
    ), cut AS (
      SELECT ($days::text[])[part] AS day, owner_id, server_id, cpu, memory_mb, gpu,
        greatest(started_at, ($edges::timestamptz[])[part]) AS begins,
        least(ended_at, ($edges::timestamptz[])[part + 1]) AS ends
      FROM intervals, LATERAL generate_series(
        greatest(width_bucket(started_at, $edges::timestamptz[]), 1),
        least(width_bucket(ended_at, $edges::timestamptz[]), cardinality($days::text[]))
      ) AS part
      WHERE ended_at > started_at
    ), spans AS (
      SELECT *, extract(epoch FROM ends - begins) AS seconds FROM cut WHERE ends > begins
    ), sums AS (
      SELECT day,
        ${keys.user ? 'owner_id' : 'NULL::text'} AS owner_id,
        ${keys.server ? 'server_id' : 'NULL::text'} AS server_id,
        concat(${keys.user ? 'owner_id' : `''`}, ${keys.server ? 'server_id' : `''`}) AS ids,
        sum(seconds) AS seconds, sum(seconds * cpu) AS cpu, sum(seconds * memory_mb) AS memory, sum(seconds * gpu) AS gpu,
        min(begins) AS since
      FROM spans
      GROUP BY day ${keys.user ? ', owner_id' : ''} ${keys.server ? ', server_id' : ''}
    ), page AS (
      SELECT * FROM sums
      WHERE NOT $after::boolean OR (day, seconds, ids) < ($day::text, $seconds::numeric, $ids::text)
      ORDER BY day DESC, seconds DESC, ids DESC LIMIT $limit
    )
    SELECT nullif(page.day, '') AS day, page.owner_id AS "userId", users.name AS "userName", server_id AS "serverId",
      servers.name AS "serverName", coalesce(servers.desired = 'deleted', false) AS "serverDeleted", ids,
      seconds::text AS seconds, (seconds / 60)::float8 AS minutes, (page.cpu / 60)::float8 AS "cpuCoreMinutes",
      (memory / 61440)::float8 AS "memoryGbMinutes", (page.gpu / 60)::float8 AS "gpuCardMinutes", since
    FROM page
    LEFT JOIN users ON users.id = page.owner_id
    LEFT JOIN servers ON servers.id = page.server_id
    ORDER BY page.day DESC, page.seconds DESC, ids DESC`;
}
