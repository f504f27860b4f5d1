import { QueryTypes, UniqueConstraintError } from 'sequelize';
import type { Database, Transaction } from '../../../platform/db.ts';
import { AppError } from '../../../platform/errors.ts';
import { randomId } from '../../../platform/random.ts';
import type { ImageJobRow, MadeImage, NewImageJob } from './model.ts';

const COLUMNS: Record<keyof ImageJobRow, string> = {
  id: 'id',
  kind: 'kind',
  ownerId: 'owner_id',
  serverId: 'server_id',
  serverName: 'server_name',
  imageId: 'image_id',
  name: 'name',
  version: 'version',
  description: 'description',
  input: 'input',
  phase: 'phase',
  percent: 'percent',
  bytesDone: 'bytes_done',
  bytesTotal: 'bytes_total',
  reason: 'reason',
  attempts: 'attempts',
  cancelRequested: 'cancel_requested',
  createdAt: 'created_at',
  endedAt: 'ended_at',
  revision: 'revision',
};
const SELECTED = Object.entries(COLUMNS)
  .map(([key, column]) => `${column} AS "${key}"`)
  .join(', ');

/** Lines kept of each job's log; of a longer one the first go. */
const KEPT_LINES = 5000;
const MAX_LINE = 2000;
/** Jobs of one person that are under way or wait. */
const MOST_UNFINISHED = 3;
/** First half of the key of the advisory lock under which a person's jobs are added; the other is the person. */
const OWNERS_LOCK = 0x0da41b;

/** What may change while a job goes on. */
export type ImageJobPatch = Partial<Pick<ImageJobRow, 'phase' | 'percent' | 'bytesDone' | 'bytesTotal'>>;

/** Which jobs a list shows, newest first. */
export interface ImageJobFilter {
  ownerId: string;
  serverId: string | undefined;
  active: boolean | undefined;
  after: { createdAt: Date; id: string } | undefined;
  limit: number;
}

/** Jobs and their logs in PostgreSQL. */
export class ImageJobStore {
  readonly #db: Database;
  readonly #engine: string;

  constructor(db: Database, engine: string) {
    this.#db = db;
    this.#engine = engine;
  }

  /**
   * Adds a job. Refused with 409 while another one or an image of the owner has that name and version, and above
   * MOST_UNFINISHED. Calls of one owner at once take turns, so that each sees what the one before has added.
   */
  async create(job: NewImageJob, now: Date): Promise<ImageJobRow> {
    return this.#db.transaction(async (tx) => {
      const lock = { owners: OWNERS_LOCK, ownerId: job.ownerId };
      await this.#db.query('SELECT pg_advisory_xact_lock($owners::int, hashtext($ownerId))', {
        bind: lock,
        transaction: tx,
      });
      await this.#requireRoom(job.ownerId, tx);
      const row = { ...job, id: randomId(), imageId: randomId(), input: JSON.stringify(job.input), createdAt: now };
      const keys = Object.keys(row) as (keyof typeof row)[];
      const sql = `INSERT INTO image_jobs (${keys.map((key) => COLUMNS[key]).join(', ')}, phase)
        VALUES (${keys.map((key) => `$${key}`).join(', ')}, 'queued') RETURNING ${SELECTED}`;
      const [created] = await this.#query(sql, row, tx).catch((error: unknown) => {
        if (error instanceof UniqueConstraintError) throw taken(job, 'is being made already', error);
        throw error;
      });
      if (created === undefined) throw new Error('INSERT returned no row');
      if (await this.#imageExists(job, tx)) throw taken(job, 'exists already');
      return created;
    });
  }

  /** Refuses with 409 what create() would refuse now; that has the last word. */
  async requireFree(job: Pick<NewImageJob, 'ownerId' | 'name' | 'version'>): Promise<void> {
    const { ownerId, name, version } = job;
    await this.#requireRoom(ownerId);
    const sql = `SELECT 1 FROM image_jobs
      WHERE owner_id = $ownerId AND name = $name AND version = $version AND ended_at IS NULL`;
    const bind = { ownerId, name, version };
    const jobs = await this.#db.query(sql, { bind, type: QueryTypes.SELECT });
    if (jobs.length > 0) throw taken(job, 'is being made already');
    if (await this.#imageExists(job)) throw taken(job, 'exists already');
  }

  async find(id: string): Promise<ImageJobRow | undefined> {
    const [row] = await this.#query(`SELECT ${SELECTED} FROM image_jobs WHERE id = $id`, { id });
    return row;
  }

  /** Jobs that have not ended, first come first. */
  unfinished(): Promise<ImageJobRow[]> {
    return this.#query(`SELECT ${SELECTED} FROM image_jobs WHERE ended_at IS NULL ORDER BY created_at, id`, {});
  }

  async page({ ownerId, serverId, active, after, limit }: ImageJobFilter): Promise<ImageJobRow[]> {
    const conditions = ['owner_id = $ownerId'];
    if (serverId !== undefined) conditions.push('server_id = $serverId');
    if (active !== undefined) conditions.push(`ended_at IS ${active ? '' : 'NOT '}NULL`);
    if (after !== undefined) conditions.push('(created_at, id) < ($createdAt::timestamptz, $id)');
    const sql = `SELECT ${SELECTED} FROM image_jobs WHERE ${conditions.join(' AND ')}
      ORDER BY created_at DESC, id DESC LIMIT $limit`;
    return this.#query(sql, { ownerId, serverId, ...after, limit: limit + 1 });
  }

  /** Counts that a hub begins the job; undefined when it has ended. */
  async begin(id: string): Promise<ImageJobRow | undefined> {
    const sql = `UPDATE image_jobs SET attempts = attempts + 1, revision = revision + 1
      WHERE id = $id AND ended_at IS NULL RETURNING ${SELECTED}`;
    const [row] = await this.#query(sql, { id });
    return row;
  }

  /** Takes back that a hub began the job: it stopped in good order, or another one took its place. */
  async giveBack(id: string): Promise<void> {
    const sql = 'UPDATE image_jobs SET attempts = attempts - 1 WHERE id = $id AND ended_at IS NULL AND attempts > 0';
    await this.#db.query(sql, { bind: { id } });
  }

  /** Ends a job without an image; undefined when it has ended already. */
  async end(
    id: string,
    phase: 'failed' | 'cancelled',
    reason: string | undefined,
    now: Date,
  ): Promise<ImageJobRow | undefined> {
    const sql = `UPDATE image_jobs SET phase = $phase, percent = NULL, reason = $reason, ended_at = $now,
      revision = revision + 1 WHERE id = $id AND ended_at IS NULL RETURNING ${SELECTED}`;
    const words = reason === undefined ? null : storable(reason);
    const [row] = await this.#query(sql, { id, phase, reason: words, now });
    return row;
  }

  /** Tells how far a job is; a cancelled one keeps its phase. */
  async tell(id: string, patch: ImageJobPatch): Promise<ImageJobRow | undefined> {
    const keys = Object.keys(patch) as (keyof ImageJobPatch)[];
    const sets = [...keys.map((key) => `${COLUMNS[key]} = $${key}`), 'revision = revision + 1'];
    const going = keys.length === 0 ? '' : 'AND NOT cancel_requested';
    const sql = `UPDATE image_jobs SET ${sets.join(', ')} WHERE id = $id AND ended_at IS NULL ${going} RETURNING ${SELECTED}`;
    const [row] = await this.#query(sql, { ...patch, id });
    return row;
  }

  /** Wants a job cancelled; undefined when it has ended. */
  async requestCancel(id: string): Promise<ImageJobRow | undefined> {
    const sql = `UPDATE image_jobs SET cancel_requested = true, phase = 'cancelling', percent = NULL, revision = revision + 1
      WHERE id = $id AND ended_at IS NULL RETURNING ${SELECTED}`;
    const [row] = await this.#query(sql, { id });
    return row;
  }

  /** Wants all jobs of a person cancelled. */
  async requestCancelOf(ownerId: string, tx: Transaction): Promise<ImageJobRow[]> {
    const sql = `UPDATE image_jobs SET cancel_requested = true, phase = 'cancelling', percent = NULL, revision = revision + 1
      WHERE owner_id = $ownerId AND ended_at IS NULL RETURNING ${SELECTED}`;
    return this.#query(sql, { ownerId }, tx);
  }

  /**
   * Ends a job with its image: both rows or none. undefined when somebody cancelled it meanwhile: then there is no image.
   * A name that was given away meanwhile is told as a conflict.
   */
  async finish(job: ImageJobRow, made: MadeImage, now: Date): Promise<ImageJobRow | undefined> {
    return this.#db.transaction(async (tx) => {
      const sql = `UPDATE image_jobs SET phase = 'done', percent = 100, reason = NULL, ended_at = $now, revision = revision + 1
        WHERE id = $id AND ended_at IS NULL AND NOT cancel_requested RETURNING ${SELECTED}`;
      const [row] = await this.#query(sql, { id: job.id, now }, tx);
      if (row === undefined) return undefined;
      await this.#insertImage(row, made, now, tx);
      return row;
    });
  }

  /** Adds lines to a job's log; the oldest go when there are too many. `first` is the number of the first one. */
  async addLines(jobId: string, first: number, lines: readonly string[]): Promise<void> {
    const bind = { jobId, first, lines: lines.map(storable) };
    await this.#db.query(ADD_LINES, { bind });
    const last = first + lines.length - 1;
    if (last <= KEPT_LINES) return;
    const sql = 'DELETE FROM image_job_lines WHERE job_id = $jobId AND number <= $oldest';
    await this.#db.query(sql, { bind: { jobId, oldest: last - KEPT_LINES } });
  }

  /** Lines after number `after`, at most `limit`, in their order. */
  async lines(jobId: string, after: number, limit: number): Promise<{ number: number; line: string }[]> {
    const sql = `SELECT number, line FROM image_job_lines WHERE job_id = $jobId AND number > $after
      ORDER BY number LIMIT $limit`;
    return this.#db.query(sql, { bind: { jobId, after, limit }, type: QueryTypes.SELECT });
  }

  /** The number of the last line so far, 0 when there is none. */
  async lastLine(jobId: string): Promise<number> {
    const sql = 'SELECT coalesce(max(number), 0)::int AS last FROM image_job_lines WHERE job_id = $jobId';
    const [row] = await this.#db.query<{ last: number }>(sql, { bind: { jobId }, type: QueryTypes.SELECT });
    return row?.last ?? 0;
  }

  /** Forgets logs and input (a Dockerfile, say) of jobs that ended before `before`; the jobs themselves stay. */
  async dropDetails(before: Date): Promise<void> {
    await this.#db.query(DROP_DETAILS, { bind: { before } });
  }

  /** Versions of a name that a person's images and unfinished jobs have. */
  async versionsOf(ownerId: string, name: string): Promise<string[]> {
    const sql = `SELECT version FROM images WHERE owner_id = $ownerId AND name = $name
      UNION SELECT version FROM image_jobs WHERE owner_id = $ownerId AND name = $name AND ended_at IS NULL`;
    const rows = await this.#db.query<{ version: string }>(sql, { bind: { ownerId, name }, type: QueryTypes.SELECT });
    return rows.map((row) => row.version);
  }

  /** Each holds room on the disk for hours when it waits behind others. */
  async #requireRoom(ownerId: string, transaction?: Transaction): Promise<void> {
    const sql = 'SELECT count(*)::int AS n FROM image_jobs WHERE owner_id = $ownerId AND ended_at IS NULL';
    const [row] = await this.#db.query<{ n: number }>(sql, { bind: { ownerId }, type: QueryTypes.SELECT, transaction });
    if ((row?.n ?? 0) < MOST_UNFINISHED) return;
    throw new AppError(
      'conflict',
      `You have ${MOST_UNFINISHED} images in the making already. Wait until one is done, or cancel one.`,
    );
  }

  async #imageExists(
    { ownerId, name, version }: Pick<NewImageJob, 'ownerId' | 'name' | 'version'>,
    transaction?: Transaction,
  ): Promise<boolean> {
    const sql = `SELECT 1 FROM images
      WHERE owner_id = $ownerId AND name = $name AND version = $version AND retired_at IS NULL`;
    const bind = { ownerId, name, version };
    return (await this.#db.query(sql, { bind, type: QueryTypes.SELECT, transaction })).length > 0;
  }

  async #insertImage(job: ImageJobRow, made: MadeImage, now: Date, transaction: Transaction): Promise<void> {
    const image = { id: job.imageId, ownerId: job.ownerId, name: job.name, version: job.version, now };
    const bind = {
      ...image,
      description: job.description,
      title: made.title,
      editors: JSON.stringify(made.editors),
      parentId: made.parentId ?? null,
    };
    await this.#db.query(INSERT_IMAGE, { bind, transaction }).catch((error: unknown) => {
      if (error instanceof UniqueConstraintError) throw taken(job, 'exists already', error);
      throw error;
    });
    const location = { ...made.location, imageId: job.imageId, engine: this.#engine };
    await this.#db.query(INSERT_LOCATION, { bind: location, transaction });
  }

  #query(sql: string, bind: Record<string, unknown>, transaction?: Transaction): Promise<ImageJobRow[]> {
    return this.#db.query<ImageJobRow>(sql, { bind, type: QueryTypes.SELECT, transaction });
  }
}

const ADD_LINES = `
  INSERT INTO image_job_lines (job_id, number, line)
  SELECT $jobId, $first + ordinality - 1, line FROM unnest($lines::text[]) WITH ORDINALITY AS new (line, ordinality)
  ON CONFLICT DO NOTHING`;

/** No kind of job has an empty input: one that has is done with. The same words as the partial index `image_jobs_detailed`. */
const DROP_DETAILS = `
  WITH old AS (
    UPDATE image_jobs SET input = '{}' WHERE ended_at < $before AND input <> '{}' RETURNING id
  )
  DELETE FROM image_job_lines USING old WHERE job_id = old.id`;

/** What an admin allowed for an image holds for those made of it. */
const INSERT_IMAGE = `
  INSERT INTO images
    (id, owner_id, name, version, title, description, visibility, editors, parent_id, launch, phase, created_at)
  VALUES ($id, $ownerId, $name, $version, $title, $description, 'private', $editors,
    (SELECT id FROM images WHERE id = $parentId), coalesce((SELECT launch FROM images WHERE id = $parentId), '{}'),
    'ready', $now)`;

const INSERT_LOCATION = `
  INSERT INTO image_locations (image_id, engine, ref, digest, size_bytes)
  VALUES ($imageId, $engine, $ref, $digest, $sizeBytes)`;

function taken({ name, version }: Pick<NewImageJob, 'name' | 'version'>, how: string, cause?: unknown): AppError {
  return new AppError(
    'conflict',
    `Your image ${name}:${version} ${how}. A version never changes: choose another one.`,
    {
      fields: [{ path: 'version', message: how }],
      cause,
    },
  );
}

/** PostgreSQL keeps no NUL in a text. */
function storable(line: string): string {
  return line.replaceAll('\0', '').slice(0, MAX_LINE);
}
