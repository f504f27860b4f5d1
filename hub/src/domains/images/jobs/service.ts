import {
  IMAGE_TAG_MAX,
  type getImageJobLog,
  type ImageJob,
  type Page,
  type RouteInput,
  type RouteOutput,
  type listImageJobs,
} from '@davit/contract';
import type { Actor } from '../../../platform/auth.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Transaction } from '../../../platform/db.ts';
import { AppError } from '../../../platform/errors.ts';
import { timeCursor, toPage } from '../../../platform/paging.ts';
import { toImageJob, type ImageJobRow, type NewImageJob } from './model.ts';
import type { ImageJobStore } from './store.ts';

export interface ImageJobsOptions {
  store: ImageJobStore;
  clock: Clock;
  publish: (job: ImageJobRow) => void;
  /** Asks the runner to look at the rows. */
  wake: () => void;
}

type ListQuery = RouteInput<typeof listImageJobs>['query'];
type JobLog = RouteOutput<typeof getImageJobLog>;

const LOG_PAGE = 1000;

/** What people do with their saves, uploads and builds. Nobody sees those of others, not even an admin. */
export class ImageJobsService {
  readonly #options: ImageJobsOptions;

  constructor(options: ImageJobsOptions) {
    this.#options = options;
  }

  /** Puts a job in the queue; 409 when its name and version are taken or too many wait, 400 when they are too long together. */
  async create(job: NewImageJob): Promise<ImageJob> {
    const { store, clock, publish, wake } = this.#options;
    requireTagLength(job);
    const created = await store.create(job, clock.now());
    publish(created);
    wake();
    return toImageJob(created);
  }

  async list(actor: Actor, query: ListQuery): Promise<Page<ImageJob>> {
    if (actor.server !== undefined && query.server !== undefined && query.server !== actor.server.id) {
      return { items: [], nextCursor: null };
    }
    const rows = await this.#options.store.page({
      ownerId: actor.userId,
      serverId: actor.server?.id ?? query.server,
      active: query.active,
      after: timeCursor(query.cursor),
      limit: query.limit,
    });
    const page = toPage(rows, query.limit, (row) => [row.createdAt.toISOString(), row.id]);
    return { ...page, items: page.items.map(toImageJob) };
  }

  async get(actor: Actor, id: string): Promise<ImageJob> {
    return toImageJob(await this.#require(actor, id));
  }

  async log(actor: Actor, id: string, after: number): Promise<JobLog> {
    const { store } = this.#options;
    const job = await this.#require(actor, id);
    const lines = await store.lines(id, Math.min(after, 2 ** 31 - 1), LOG_PAGE);
    const next = lines.at(-1)?.number ?? after;
    return { lines: lines.map((one) => one.line), next, ended: job.endedAt !== null && lines.length < LOG_PAGE };
  }

  /** Wants the job cancelled; one that has ended stays as it ended. */
  async cancel(actor: Actor, id: string): Promise<ImageJob> {
    const { store, publish, wake } = this.#options;
    const job = await this.#require(actor, id);
    const cancelled = await store.requestCancel(id);
    if (cancelled === undefined) return this.get(actor, job.id);
    publish(cancelled);
    wake();
    return toImageJob(cancelled);
  }

  /** Cancels all jobs of a person, in the transaction that deletes the person. */
  async onUserDeleted(userId: string, tx: Transaction): Promise<void> {
    const rows = await this.#options.store.requestCancelOf(userId, tx);
    tx.afterCommit(() => {
      for (const row of rows) this.#options.publish(row);
      this.#options.wake();
    });
  }

  async #require(actor: Actor, id: string): Promise<ImageJobRow> {
    const job = await this.#options.store.find(id);
    const visible = job?.ownerId === actor.userId && (actor.server === undefined || job.serverId === actor.server.id);
    if (job === undefined || !visible) {
      throw new AppError('not-found', 'There is no image job with this id. List yours to see which there are.');
    }
    return job;
  }
}

/** Refuses a name and version that are too long together. */
export function requireTagLength({ name, version }: Pick<NewImageJob, 'name' | 'version'>): void {
  if (name.length + 1 + version.length <= IMAGE_TAG_MAX) return;
  const message = `name and version may have ${IMAGE_TAG_MAX - 1} characters together`;
  throw new AppError('bad-request', `The name is too long: ${message}. Shorten one of them.`, {
    fields: [
      { path: 'name', message },
      { path: 'version', message },
    ],
  });
}
