interface Job<T, P> {
  result: Promise<T>;
  abort: AbortController;
  listeners: Set<(progress: P) => void>;
  waiting: number;
  started: boolean;
}

export interface JobOptions<P> {
  signal?: AbortSignal;
  onProgress?: (progress: P) => void;
}

/**
 * Runs jobs one at a time, each known by a key. Calls with the key of a job that waits or runs share it; it is aborted
 * when all who wait for it are.
 */
export class SharedJobs<T, P> {
  readonly #jobs = new Map<string, Job<T, P>>();
  #last: Promise<unknown> = Promise.resolve();

  async run(
    key: string,
    { signal, onProgress }: JobOptions<P>,
    work: (signal: AbortSignal, report: (progress: P) => void) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    let job = this.#jobs.get(key);
    while (job?.abort.signal.aborted === true) {
      await job.result.catch(() => undefined);
      job = this.#jobs.get(key);
    }
    signal?.throwIfAborted();
    job ??= this.#start(key, work);
    return this.#wait(job, signal, onProgress);
  }

  #start(key: string, work: (signal: AbortSignal, report: (progress: P) => void) => Promise<T>): Job<T, P> {
    const abort = new AbortController();
    const listeners: Job<T, P>['listeners'] = new Set();
    const report = (progress: P): void => {
      for (const listener of listeners) listener(progress);
    };
    const result = this.#last.then(() => {
      abort.signal.throwIfAborted();
      job.started = true;
      return work(abort.signal, report);
    });
    const job: Job<T, P> = { result, abort, listeners, waiting: 0, started: false };
    this.#jobs.set(key, job);
    this.#last = result
      .catch(() => undefined)
      .then(() => {
        if (this.#jobs.get(key) === job) this.#jobs.delete(key);
      });
    return job;
  }

  /** The last who gives up waits for the end of a job that runs, so that nothing of it runs on; the others need not. */
  async #wait(job: Job<T, P>, signal: AbortSignal | undefined, onProgress: JobOptions<P>['onProgress']): Promise<T> {
    job.waiting += 1;
    const listener = (progress: P): void => onProgress?.(progress);
    job.listeners.add(listener);
    const gaveUp = Promise.withResolvers<never>();
    const onAbort = (): void => {
      job.listeners.delete(listener);
      job.waiting -= 1;
      if (job.waiting === 0) job.abort.abort(signal?.reason);
      if (job.waiting > 0 || !job.started) gaveUp.reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([job.result, gaveUp.promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      job.listeners.delete(listener);
    }
  }
}
