import type { Logger } from '../../platform/log.ts';
import { messageOf } from '../../platform/errors.ts';

interface Job {
  abort: AbortController;
  done: Promise<void>;
  /** Set for work that is only wanted while the server is wanted in this generation. */
  generation: number | undefined;
}

/** The work under way: at most one piece per server, so that two calls never act on one container at once. */
export class Jobs {
  readonly #log: Logger;
  readonly #onEnd: () => void;
  readonly #jobs = new Map<string, Job>();
  /** Servers that somebody worked on since the snapshot of this tick began; the snapshot may be older than that work. */
  readonly #touched = new Set<string>();

  constructor({ log, onEnd }: { log: Logger; onEnd: () => void }) {
    this.#log = log;
    this.#onEnd = onEnd;
  }

  /** To be called before a snapshot is taken. */
  beginSnapshot(): void {
    this.#touched.clear();
    for (const id of this.#jobs.keys()) this.#touched.add(id);
  }

  /** False where the snapshot cannot be trusted for this server. */
  isFresh(serverId: string): boolean {
    return !this.#touched.has(serverId);
  }

  /**
   * Starts work unless some is under way for this server. Its success asks for a tick. Its failure is logged and does not:
   * the regular tick plans anew, or an engine that refuses at once would be asked without a pause.
   */
  start(serverId: string, generation: number | undefined, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#jobs.has(serverId)) return;
    this.#touched.add(serverId);
    const abort = new AbortController();
    const end = (): void => {
      this.#jobs.delete(serverId);
      this.#touched.add(serverId);
    };
    const done = work(abort.signal).then(
      () => {
        end();
        this.#onEnd();
      },
      (error: unknown) => {
        end();
        if (!abort.signal.aborted) this.#log.warn({ server: serverId, error: messageOf(error) }, 'action failed');
      },
    );
    this.#jobs.set(serverId, { abort, done, generation });
  }

  /** Aborts work for generations that are not wanted any more, so that a stop does not wait for an image build. */
  abortUnless(isWanted: (serverId: string, generation: number) => boolean): void {
    for (const [serverId, job] of this.#jobs) {
      if (job.generation !== undefined && !isWanted(serverId, job.generation)) {
        job.abort.abort(new Error('This start is no longer wanted.'));
      }
    }
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.all([...this.#jobs.values()].map((job) => job.done));
  }

  /** Aborts all work and waits for it. More can be started afterwards. */
  async stop(): Promise<void> {
    for (const job of this.#jobs.values()) job.abort.abort(new Error('This hub does not act any more.'));
    await this.settled();
  }
}
