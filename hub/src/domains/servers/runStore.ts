import { QueryTypes } from 'sequelize';
import type { Database, Transaction } from '../../platform/db.ts';
import type { RunRow } from './model.ts';
import type { RunEnd } from './plan.ts';

/** Lines and bytes kept of a container's log after its end. */
export const LOG_TAIL_LINES = 200;
const LOG_LINE_CHARS = 2000;
const LOG_TAIL_CHARS = 65_536;

/** The times of containers and the last lines they wrote. */
export class RunStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Writes what is known of a container. A start is filled in. An end that was written is not opened again, but the engine's
   * later word on it counts: a container that was told to end may have gone on while the hub was down.
   */
  async save(run: RunRow, tx?: Transaction): Promise<void> {
    await this.#db.query(SAVE_RUN, { bind: { ...run }, transaction: tx });
  }

  /** Corrects the end to the moment at which the container is known to be gone. */
  async setEnd(engineId: string, endedAt: Date): Promise<void> {
    await this.#db.query('UPDATE server_runs SET ended_at = $endedAt WHERE engine_id = $engineId', {
      bind: { engineId, endedAt },
    });
  }

  /** Ends a run that was opened and not ended yet. */
  async close(
    engineId: string,
    { endedAt, exitCode = null, reason }: Omit<RunEnd, 'exitCode'> & { exitCode?: number | null },
    tx?: Transaction,
  ): Promise<void> {
    const sql = `UPDATE server_runs SET ended_at = $endedAt, exit_code = coalesce(exit_code, $exitCode), reason = $reason
      WHERE engine_id = $engineId AND ended_at IS NULL`;
    await this.#db.query(sql, { bind: { engineId, endedAt, exitCode, reason }, transaction: tx });
  }

  /**
   * Ends a run whose container is gone and told no end: when it was last seen, by this hub or by one before, and at the
   * latest at `noticedAt`.
   */
  async closeGone(
    engineId: string,
    { seenAt, noticedAt, reason }: { seenAt: Date | undefined; noticedAt: Date; reason: string },
    tx?: Transaction,
  ): Promise<void> {
    const sql = `UPDATE server_runs SET reason = $reason,
        ended_at = greatest(started_at + clock_step_ms * interval '1 millisecond', least($noticedAt::timestamptz, coalesce($seenAt::timestamptz, seen_at, $noticedAt::timestamptz)))
      WHERE engine_id = $engineId AND ended_at IS NULL`;
    await this.#db.query(sql, { bind: { engineId, seenAt: seenAt ?? null, noticedAt, reason }, transaction: tx });
  }

  /** Writes when containers were last seen, the latest that any hub saw; those with an end need it no more. */
  async saveSeen(seen: ReadonlyMap<string, Date>): Promise<void> {
    const sql = `UPDATE server_runs SET seen_at = greatest(seen_at, seen.at)
      FROM unnest($ids::text[], $times::timestamptz[]) AS seen (id, at)
      WHERE engine_id = seen.id AND ended_at IS NULL`;
    const times = [...seen.values()].map((at) => at.toISOString());
    await this.#db.query(sql, { bind: { ids: [...seen.keys()], times } });
  }

  /**
   * Notes by how much the clock was set since a container started, at `now` by the clock as it is: what was seen by the
   * clock before says nothing any more. False when it has no run that goes on.
   */
  async noteClockStep(engineId: string, stepMs: number, now: Date): Promise<boolean> {
    const bind = { engineId, stepMs, now };
    return (await this.#db.query(NOTE_CLOCK_STEP, { bind, type: QueryTypes.SELECT })).length > 0;
  }

  /** Keeps the last lines of a server's last container, within bounds. */
  async saveLogs(
    entry: { serverId: string; generation: number; lines: readonly string[]; at: Date },
    tx?: Transaction,
  ): Promise<void> {
    const bind = { ...entry, lines: JSON.stringify(boundedTail(entry.lines)) };
    await this.#db.query(SAVE_LOGS, { bind, transaction: tx });
  }

  /** Forgets the last lines of a server, whose row outlives its deletion. */
  async dropLogs(serverId: string, tx: Transaction): Promise<void> {
    await this.#db.query('DELETE FROM server_logs WHERE server_id = $serverId', {
      bind: { serverId },
      transaction: tx,
    });
  }

  /** The last lines of the last container that ended; undefined when none did. */
  async logsOf(serverId: string): Promise<string[] | undefined> {
    const sql = 'SELECT lines FROM server_logs WHERE server_id = $serverId';
    const [row] = await this.#db.query<{ lines: string[] }>(sql, { bind: { serverId }, type: QueryTypes.SELECT });
    return row?.lines;
  }
}

/** The end of a log that is safe to store: PostgreSQL keeps no NUL in a text, and one line may be megabytes long. */
export function boundedTail(lines: readonly string[]): string[] {
  const kept: string[] = [];
  let size = 0;
  for (const line of lines.slice(-LOG_TAIL_LINES).reverse()) {
    // Cut by code points: half of a surrogate pair is not valid in jsonb.
    const text = Array.from(line.replaceAll('\0', '').slice(0, LOG_LINE_CHARS + 1))
      .slice(0, LOG_LINE_CHARS)
      .join('')
      .toWellFormed();
    size += text.length;
    if (size > LOG_TAIL_CHARS) break;
    kept.push(text);
  }
  return kept.reverse();
}

const SAVE_RUN = `
  INSERT INTO server_runs
    (engine_id, server_id, owner_id, generation, cpu, memory_mb, gpu, started_at, seen_at, ended_at, exit_code,
     reason)
  VALUES ($engineId, $serverId, $ownerId, $generation, $cpu, $memoryMb, $gpu, $startedAt, $startedAt, $endedAt, $exitCode,
    $reason)
  ON CONFLICT (engine_id) DO UPDATE SET
    started_at = coalesce(server_runs.started_at, excluded.started_at),
    ended_at = coalesce(excluded.ended_at, server_runs.ended_at),
    exit_code = coalesce(server_runs.exit_code, excluded.exit_code),
    reason = coalesce(server_runs.reason, excluded.reason)`;

const NOTE_CLOCK_STEP = `
  WITH run AS (
    SELECT engine_id, abs(clock_step_ms - $stepMs::bigint) > 1000 AS other FROM server_runs
    WHERE engine_id = $engineId AND ended_at IS NULL
  ), noted AS (
    UPDATE server_runs SET clock_step_ms = $stepMs, seen_at = $now FROM run
    WHERE server_runs.engine_id = run.engine_id AND run.other
  )
  SELECT engine_id FROM run`;

const SAVE_LOGS = `
  INSERT INTO server_logs (server_id, generation, lines, saved_at) VALUES ($serverId, $generation, $lines, $at)
  ON CONFLICT (server_id) DO UPDATE
  SET generation = excluded.generation, lines = excluded.lines, saved_at = excluded.saved_at
  WHERE server_logs.generation <= excluded.generation`;
