import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import type { LiveServers } from './live.ts';
import type { ServerPatch, ServerRow } from './model.ts';
import type { ReleaseVerdict } from './release.ts';
import type { ReleaseBook } from './releaseBook.ts';
import type { Publisher } from './rows.ts';
import type { ServerStore } from './store.ts';
import { releasePatch } from './transitions.ts';

export interface ReleaserOptions {
  store: ServerStore;
  book: ReleaseBook;
  live: Pick<LiveServers, 'askNow' | 'isEmpty'>;
  publisher: Publisher;
  clock: Clock;
  log: Logger;
  /** Asks the loop of the servers for a tick. */
  wake: () => void;
}

/** Between two looks while no deadline is nearer. Agents that tell something new wake the loop besides. */
const LONGEST_PAUSE_MS = 30_000;
const SHORTEST_PAUSE_MS = 200;

/** Warns of releases and releases. Each look compares rows with what is so now, so one that was missed is caught up. */
export class Releaser {
  readonly #options: ReleaserOptions;
  readonly #told = new Map<string, string>();
  #nextAt = Infinity;

  constructor(options: ReleaserOptions) {
    this.#options = options;
  }

  /** Milliseconds until the nearest warning or release. */
  untilNext(): number {
    const wait = this.#nextAt - this.#options.clock.now().getTime();
    return Math.min(Math.max(wait, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
  }

  /** One look at all servers that run. */
  async tick(signal: AbortSignal): Promise<void> {
    const { store, book, live } = this.#options;
    this.#nextAt = Infinity;
    // Of what is not followed nothing is known, so nothing can follow from it.
    if (live.isEmpty) return;
    const [rows, assess] = [await store.running(), await book.open()];
    for (const row of rows) {
      const verdict = assess(row);
      if (verdict === undefined) continue;
      signal.throwIfAborted();
      if (verdict.due) await this.#release(row);
      else await this.#remember(row, verdict);
      this.#plan(verdict);
    }
    const running = new Set(rows.map(({ id }) => id));
    for (const id of this.#told.keys()) if (!running.has(id)) this.#told.delete(id);
  }

  #plan({ state }: ReleaseVerdict): void {
    const now = this.#options.clock.now().getTime();
    for (const text of [state.warnAt, state.releaseAt]) {
      const time = Date.parse(text ?? '');
      if (time > now) this.#nextAt = Math.min(this.#nextAt, time);
    }
  }

  /** Writes what has to survive a restart, and tells front ends when the reason is another. */
  async #remember(row: ServerRow, { state, leftAt, warnedAt }: ReleaseVerdict): Promise<void> {
    const { store, publisher } = this.#options;
    const told = state.because.code;
    const patch: ServerPatch = {};
    if (row.leftAt?.getTime() !== leftAt?.getTime()) patch.leftAt = leftAt;
    if (row.warnedAt?.getTime() !== warnedAt?.getTime()) patch.warnedAt = warnedAt;
    const changed = Object.keys(patch).length > 0;
    if (!changed && this.#told.get(row.id) === told) return;
    const isNew = !this.#told.has(row.id);
    this.#told.set(row.id, told);
    if (!changed && isNew) return;
    const updated = changed ? await store.update(row, patch) : await store.touch(row.id);
    if (updated !== undefined) publisher.publish(updated);
  }

  /** Asks the agent once more, so that what happened since its last answer counts, then wants no container. */
  async #release(row: ServerRow): Promise<void> {
    const { store, book, live, publisher, log, wake } = this.#options;
    if (!(await live.askNow(row.id))) return;
    const assess = await book.open();
    const updated = await store.transaction(async (tx) => {
      const locked = await store.lock(row.id, tx);
      if (locked?.generation !== row.generation || assess(locked)?.due !== true) return undefined;
      const patch = releasePatch(locked);
      return patch === undefined ? undefined : store.update(locked, patch, tx);
    });
    if (updated === undefined) return;
    log.info({ server: row.id, policy: row.releasePolicy }, 'released: nobody uses it any more');
    publisher.publish(updated);
    wake();
  }
}
