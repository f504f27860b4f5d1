import type { Clock } from '../base/clock.ts';
import { toError } from '../base/result.ts';
import { Signal, type Disposable } from '../base/signal.ts';

/**
 * One answer of the hub that is kept fresh while somebody watches it. A failure keeps the last value: old figures under
 * a quiet remark say more than none.
 */
export class Resource<T> {
  readonly changed = new Signal();
  value: T | undefined;
  failure: Error | undefined;
  readonly #ask: () => Promise<T>;
  readonly #clock: Clock;
  readonly #watchers = new Set<{ everyMs: number }>();
  #timer: Disposable | undefined;
  #running: Promise<void> | undefined;
  /** Bumped by each refresh asked for, so that one that came while asking is answered by asking again. */
  #wanted = 0;
  #askedAt: number | undefined;
  #open = false;

  constructor(ask: () => Promise<T>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Asks only while open: without a hub nothing is asked and nothing fails. */
  setOpen(open: boolean): void {
    if (this.#open === open) return;
    this.#open = open;
    if (open) this.outdate();
    else this.#timer?.dispose();
  }

  /** Keeps it at most `everyMs` old until disposed. The shortest of all watchers counts. */
  watch(everyMs: number): Disposable {
    const watcher = { everyMs };
    this.#watchers.add(watcher);
    const age = this.#askedAt === undefined ? Infinity : this.#clock.now() - this.#askedAt;
    if (age >= everyMs) this.outdate();
    else this.#plan();
    return {
      dispose: () => {
        this.#watchers.delete(watcher);
        this.#plan();
      },
    };
  }

  /** The value may be old: it is asked for now when somebody watches, else when somebody does. */
  outdate(): void {
    this.#askedAt = undefined;
    if (this.#open && this.#watchers.size > 0) void this.refresh();
  }

  /** Asks now; never rejects, `failure` tells. */
  refresh(): Promise<void> {
    this.#wanted += 1;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.#plan();
    });
    return this.#running;
  }

  dispose(): void {
    this.#open = false;
    this.#watchers.clear();
    this.#timer?.dispose();
  }

  async #run(): Promise<void> {
    let answered = -1;
    while (answered !== this.#wanted) {
      answered = this.#wanted;
      this.#askedAt = this.#clock.now();
      try {
        this.value = await this.#ask();
        this.failure = undefined;
      } catch (thrown) {
        this.failure = toError(thrown);
      }
    }
    this.changed.emit();
  }

  #plan(): void {
    this.#timer?.dispose();
    if (!this.#open || this.#watchers.size === 0 || this.#running !== undefined) return;
    const everyMs = Math.min(...[...this.#watchers].map((watcher) => watcher.everyMs));
    this.#timer = this.#clock.after(everyMs, () => void this.refresh());
  }
}
