import type { ImageJob } from '@davit/contract';
import type { Clock } from '../../../platform/clock.ts';
import { AppError, messageOf } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/log.ts';
import { ImageJobFailed, type ImageJobRow, type JobHandler } from './model.ts';
import type { ImageJobStore } from './store.ts';
import { JobWriter } from './writer.ts';

export interface RunnerOptions {
  store: ImageJobStore;
  clock: Clock;
  log: Logger;
  /** Tells the owner that a job changed, after commit. */
  publish: (job: ImageJobRow) => void;
  /** Tells that a job's image is there, after commit. */
  onImage: (job: ImageJobRow) => void;
  /** Asks the loop for a tick. */
  wake: () => void;
  /** Jobs under way at once: each reads and writes as fast as the disk goes. */
  width?: number;
}

interface Running {
  abort: AbortController;
  done: Promise<void>;
}

export const CANCELLED = 'The job was cancelled.';
const WIDTH = 2;
/** A job that failed for no stated reason is begun so often; so is one whose hub died. */
const MAX_ATTEMPTS = 4;
const KEEP_DETAILS_MS = 30 * 24 * 3600_000;

/**
 * Brings each unfinished job to its end. The rows alone say what is to be done, so a hub that dies at any point leaves
 * work that the next one begins afresh: a job ends only when its image is complete, or nothing of it is left.
 */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #handlers = new Map<ImageJob['kind'], JobHandler>();
  readonly #running = new Map<string, Running>();
  #era = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Says how jobs of a kind are done; to be called before the first tick. */
  handle(kind: ImageJob['kind'], handler: JobHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Begins what waits, as far as there is room, and passes on what was cancelled. */
  async tick(): Promise<void> {
    const { store, width = WIDTH } = this.#options;
    const era = this.#era.signal;
    const jobs = await store.unfinished();
    for (const job of jobs) if (job.cancelRequested) this.#running.get(job.id)?.abort.abort(new Error(CANCELLED));
    for (const job of this.#inTurn(jobs)) {
      if (era.aborted) return;
      const hasRoom = this.#running.size < width || job.cancelRequested;
      if (hasRoom && !this.#running.has(job.id)) this.#start(job);
    }
    // Not before: a busy engine takes a minute to tell what lies there, and nobody should wait for that.
    await this.#sweep(jobs);
  }

  /** Resolves when nothing is under way: for tests. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map((one) => one.done));
  }

  /** Aborts what is under way and waits for it. The rows stay unfinished: the next hub that acts goes on, maybe this one. */
  async stop(): Promise<void> {
    const era = this.#era;
    this.#era = new AbortController();
    era.abort(new Error('This hub does not act any more.'));
    for (const { abort } of this.#running.values()) abort.abort(era.signal.reason);
    await this.settled();
  }

  /**
   * In which order jobs begin: first come, first served among people, so the second of one comes after the first of each
   * other, and nobody fills all places while others wait.
   */
  #inTurn(jobs: readonly ImageJobRow[]): ImageJobRow[] {
    const served = new Set(jobs.filter((job) => this.#running.has(job.id)).map((job) => job.ownerId));
    const [firsts, others]: [ImageJobRow[], ImageJobRow[]] = [[], []];
    for (const job of jobs) {
      const isFirst = !served.has(job.ownerId) && !job.cancelRequested;
      if (isFirst) served.add(job.ownerId);
      (isFirst ? firsts : others).push(job);
    }
    return [...firsts, ...others];
  }

  #start(job: ImageJobRow): void {
    const abort = new AbortController();
    if (job.cancelRequested) abort.abort(new Error(CANCELLED));
    const { log, wake } = this.#options;
    const era = this.#era.signal;
    const done = this.#work(job, abort.signal, era).then(
      () => {
        this.#running.delete(job.id);
        wake();
      },
      (error: unknown) => {
        // Without a wake: the regular tick tries again, or an engine that is away would be asked without a pause.
        this.#running.delete(job.id);
        if (!era.aborted) log.warn({ job: job.id, error: messageOf(error) }, 'image job will be tried again');
      },
    );
    this.#running.set(job.id, { abort, done });
  }

  /** `era` ends with this hub's right to act: a job that it ends is neither cancelled nor failed. */
  async #work(queued: ImageJobRow, signal: AbortSignal, era: AbortSignal): Promise<void> {
    const { store, publish, log } = this.#options;
    const handler = this.#handlers.get(queued.kind);
    if (handler === undefined) throw new Error(`Nobody does jobs of the kind ${queued.kind}.`);
    const job = await store.begin(queued.id);
    if (job === undefined) return;
    const told = await store.lastLine(job.id);
    const writer = new JobWriter(store, job.id, told, publish);
    try {
      signal.throwIfAborted();
      if (job.attempts > 1 || told > 0) writer.line(job.attempts > MAX_ATTEMPTS ? 'Given up.' : 'Beginning again.');
      if (job.attempts > MAX_ATTEMPTS)
        throw new ImageJobFailed('It was begun several times and did not come to an end.');
      await this.#make(job, handler, writer, signal);
    } catch (error) {
      await writer.written();
      if (era.aborted) {
        // Neither the job's fault nor the hub's: it was told to stop.
        await store.giveBack(job.id);
        throw error;
      }
      const cancelled = signal.aborted;
      if (!cancelled) log.warn({ job: job.id, kind: job.kind, error: messageOf(error) }, 'image job failed');
      if (!cancelled && !isFinal(error) && job.attempts < MAX_ATTEMPTS) {
        writer.line(`It did not work: ${messageOf(error)} It will be tried again.`);
        await writer.written();
        throw error;
      }
      await handler.discard(job);
      await this.#end(job, writer, cancelled ? undefined : messageOf(error));
    }
  }

  async #make(job: ImageJobRow, handler: JobHandler, writer: JobWriter, signal: AbortSignal): Promise<void> {
    const { store, clock, publish, onImage, log } = this.#options;
    const made = await handler.run(job, {
      signal,
      progress: (progress) => writer.progress(progress),
      line: (text) => writer.line(text),
    });
    signal.throwIfAborted();
    writer.line(`The image ${job.name}:${job.version} is there.`);
    await writer.written();
    const done = await store.finish(job, made, clock.now());
    // Cancelled just before: the last word is the person's, and the caller removes the image.
    if (done === undefined) throw new ImageJobFailed(CANCELLED);
    log.info({ job: job.id, kind: job.kind, image: job.imageId }, 'image job done');
    publish(done);
    onImage(done);
  }

  async #end(job: ImageJobRow, writer: JobWriter, reason: string | undefined): Promise<void> {
    const { store, clock, publish } = this.#options;
    writer.line(reason === undefined ? 'Cancelled. Nothing was kept.' : reason);
    await writer.written();
    const cancelled = reason === undefined || reason === CANCELLED;
    const ended = await store.end(
      job.id,
      cancelled ? 'cancelled' : 'failed',
      cancelled ? undefined : reason,
      clock.now(),
    );
    if (ended !== undefined) publish(ended);
  }

  /** Failures here only leave something behind a little longer. */
  async #sweep(jobs: readonly ImageJobRow[]): Promise<void> {
    const { store, clock, log } = this.#options;
    const active = new Set(jobs.map((job) => job.id));
    for (const handler of this.#handlers.values()) {
      await handler.sweep(active).catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, 'leavings of image jobs stay');
      });
    }
    await store.dropDetails(new Date(clock.now().getTime() - KEEP_DETAILS_MS));
  }
}

/** What trying again will not change: a stated reason, or a name that is taken. */
function isFinal(error: unknown): boolean {
  return error instanceof ImageJobFailed || error instanceof AppError;
}
