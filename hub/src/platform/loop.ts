import type { Logger } from './log.ts';
import { messageOf } from './errors.ts';
import { under, type Hold, type Ticket } from './ticket.ts';

export interface LoopOptions {
  name: string;
  /** Milliseconds from the end of one tick to the start of the next; a function is asked after each tick. */
  everyMs: number | (() => number);
  /** A tick that takes longer is aborted through its signal. */
  timeoutMs?: number;
  run: (signal: AbortSignal) => Promise<void>;
  log: Logger;
  /** What a loop that acts on the world must have: it ticks only while this hub has it. Left out: it ticks on every hub. */
  ticket?: Ticket;
  /** Called after each tick, for metrics. */
  onTick?: (name: string, seconds: number, failed: boolean) => void;
}

/**
 * The only timer of the hub: runs `run` again and again, never twice at once. `wake()` asks for a tick now; asking many
 * times during a tick gives one more. A failed tick is logged and tried again after the interval.
 */
export class Loop {
  readonly #options: LoopOptions;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> | undefined;
  #again = false;
  #started = false;
  #endTicket: (() => void) | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Begins with a tick at once. */
  start(): void {
    this.#started = true;
    this.#endTicket = this.#options.ticket?.onChange((hold) => (hold === undefined ? this.#tick : this.wake()));
    this.wake();
  }

  /** Asks for a tick as soon as possible. */
  wake(): void {
    if (!this.#started || this.#stopped.signal.aborted) return;
    if (this.#tick !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#tick = this.#runOnce().finally(() => {
      this.#tick = undefined;
      this.#schedule();
    });
  }

  /** Aborts the running tick, waits for it, and starts no more. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The hub is stopping.'));
    this.#endTicket?.();
    clearTimeout(this.#timer);
    await this.#tick;
  }

  #schedule(): void {
    if (this.#stopped.signal.aborted) return;
    const { everyMs } = this.#options;
    const delay = this.#again ? 0 : typeof everyMs === 'number' ? everyMs : everyMs();
    this.#again = false;
    this.#timer = setTimeout(() => {
      this.wake();
    }, delay);
  }

  async #runOnce(): Promise<void> {
    const { ticket } = this.#options;
    const hold = ticket?.hold;
    if (ticket !== undefined && hold === undefined) return;
    // Whoever woke this loop may work under another ticket, or under none.
    await under(hold, () => this.#run(hold));
  }

  async #run(hold: Hold | undefined): Promise<void> {
    const { name, run, log, onTick, timeoutMs = 60_000 } = this.#options;
    const ends = [this.#stopped.signal, ...(hold === undefined ? [] : [hold.signal])];
    const began = performance.now();
    let failed = false;
    try {
      await run(AbortSignal.any([...ends, AbortSignal.timeout(timeoutMs)]));
    } catch (error) {
      failed = true;
      if (!ends.some((signal) => signal.aborted)) log.warn({ loop: name, error: messageOf(error) }, 'tick failed');
    }
    onTick?.(name, (performance.now() - began) / 1000, failed);
  }
}
