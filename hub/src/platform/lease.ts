import { setTimeout as sleep } from 'node:timers/promises';
import { QueryTypes } from 'sequelize';
import type { Database } from './db.ts';
import { messageOf } from './errors.ts';
import type { Link } from './link.ts';
import type { Logger } from './log.ts';
import { Loop, type LoopOptions } from './loop.ts';
import { holdOfWork, NotHeld, type Hold, type Ticket } from './ticket.ts';

interface LeaseOptions {
  name: string;
  /**
   * Who asks: the same after a crash and a new start, so that a hub that is alone need not wait for its own lease to run
   * out. Two that run at once must not have the same.
   */
  holder: string;
  link: Pick<Link, 'query'>;
  /** Where a hold is confirmed, beside the renewals. */
  db: Database;
  log: Logger;
  /** Milliseconds without a renewal after which another hub may take over. */
  lifeMs?: number;
  onTick?: LoopOptions['onTick'];
}

interface Held {
  hold: Hold;
  abort: AbortController;
  /** On this process' own clock, which goes on while it is stopped. */
  validUntil: number;
}

const LIFE_MS = 10_000;
/** Of its life a holder believes in so much: the rest covers clocks that do not run equally fast. */
const BELIEVED = 0.9;
const LONGEST_TRY_MS = 1000;
/** What is under way at an orderly end gets so long to stop before the next hub is let in. */
const HAND_OVER_MS = 3000;
/** A hub that lost its lease takes it again at once when its own work has stopped, at the latest after this. */
const SETTLE_MS = 15_000;

/** Times are the database's own: hubs' clocks need not agree. */
const TAKE = `
  INSERT INTO leases (name, holder, fence, expires_at) VALUES ($1, $2, 1, now() + $3 * interval '1 ms')
  ON CONFLICT (name) DO UPDATE
    SET holder = excluded.holder, fence = leases.fence + 1, expires_at = excluded.expires_at
    WHERE leases.expires_at <= now() OR leases.fence = $4 OR ($5 AND leases.holder = excluded.holder)
  RETURNING fence::int`;
/** Most tries find the lease taken; these write nothing. */
const LOOK = `SELECT 1 FROM leases WHERE name = $1 AND expires_at > now() AND fence <> $2 AND NOT ($3 AND holder = $4)`;
const RENEW = `UPDATE leases SET expires_at = now() + $3 * interval '1 ms' WHERE name = $1 AND fence = $2 RETURNING 1`;
const RELEASE = 'UPDATE leases SET expires_at = now() WHERE name = $1 AND fence = $2';
const CONFIRM = 'SELECT 1 FROM leases WHERE name = $name AND fence = $fence AND expires_at > now()';

/**
 * A ticket that one hub of several has: a row in PostgreSQL that its holder renews. When renewals fail the hold ends here
 * before another hub can take the lease; a process that was stopped meanwhile and wakes up too late is told by the fence.
 */
export class Lease implements Ticket {
  readonly #options: LeaseOptions;
  readonly #lifeMs: number;
  readonly #loop: Loop;
  readonly #listeners = new Set<(hold: Hold | undefined) => unknown>();
  #held: Held | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #settling: Promise<unknown> = Promise.resolve();
  #lastFence = -1;
  #isFirstTry = true;

  constructor(options: LeaseOptions) {
    const { log, onTick, name } = options;
    this.#options = options;
    this.#lifeMs = options.lifeMs ?? LIFE_MS;
    this.#loop = new Loop({
      name: `lease-${name}`,
      everyMs: () => (this.#held === undefined ? Math.min(LONGEST_TRY_MS, this.#lifeMs / 4) : this.#lifeMs / 4),
      timeoutMs: SETTLE_MS * 2,
      run: () => this.#tick(),
      log,
      onTick,
    });
  }

  get hold(): Hold | undefined {
    return this.#held?.hold;
  }

  onChange(listener: (hold: Hold | undefined) => unknown): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async confirm(): Promise<void> {
    const hold = holdOfWork();
    if (hold === undefined) throw new NotHeld('Only the hub that has the lease acts.');
    hold.signal.throwIfAborted();
    const bind = { name: this.#options.name, fence: hold.fence };
    const rows = await this.#options.db.query(CONFIRM, { bind, type: QueryTypes.SELECT });
    if (rows.length === 0 && this.#held?.hold === hold) this.#lose('it has run out');
    hold.signal.throwIfAborted();
    if (rows.length === 0) throw new NotHeld('Another hub acts now, so this one does not.');
    // A process that was stopped while it asked has an answer of then: its timers come later than this line.
    if (this.#held?.hold === hold && performance.now() > this.#held.validUntil)
      this.#lose('it was not renewed in time');
    hold.signal.throwIfAborted();
  }

  /** Tries once, then goes on by itself: to renew, or to take over. */
  async start(): Promise<void> {
    await this.#tick().catch((error: unknown) => {
      this.#options.log.warn({ error: messageOf(error) }, 'the lease could not be asked for');
    });
    this.#loop.start();
  }

  /** Stops what acts, then lets the next hub in at once. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const held = this.#held;
    if (held === undefined) return;
    const { link, name, log } = { ...this.#options };
    this.#lose('the hub is ending');
    await Promise.race([this.#settling, sleep(HAND_OVER_MS, undefined, { ref: false })]);
    await link.query(RELEASE, [name, held.hold.fence]).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'the lease was not given back; another hub has it in some seconds');
    });
  }

  async #tick(): Promise<void> {
    if (this.#held === undefined) await this.#take();
    else await this.#renew(this.#held);
  }

  async #take(): Promise<void> {
    const { link, name, holder } = this.#options;
    await Promise.race([this.#settling, sleep(SETTLE_MS, undefined, { ref: false })]);
    const asked = performance.now();
    const [first, last] = [this.#isFirstTry, this.#lastFence];
    if ((await link.query(LOOK, [name, last, first, holder])).length > 0) {
      this.#isFirstTry = false;
      return;
    }
    const [taken] = await link.query<{ fence: number }>(TAKE, [name, holder, this.#lifeMs, last, first]);
    this.#isFirstTry = false;
    if (taken === undefined) return;
    this.#lastFence = taken.fence;
    // It waited long for the last holder's transaction: most of its life is over, and it can be had anew at once.
    if (performance.now() - asked > this.#lifeMs * BELIEVED) this.#loop.wake();
    else this.#gain(taken.fence, asked);
  }

  async #renew(held: Held): Promise<void> {
    const { link, name } = this.#options;
    const asked = performance.now();
    const renewed = await link.query(RENEW, [name, held.hold.fence, this.#lifeMs]);
    // It may have run out here while the answer was on its way: then it is taken anew, with another fence.
    if (this.#held !== held) return;
    if (renewed.length === 0) this.#lose('another hub has it');
    else this.#believe(held, asked);
  }

  #gain(fence: number, asked: number): void {
    const abort = new AbortController();
    const hold = { fence, signal: abort.signal };
    const held = { hold, abort, validUntil: 0 };
    this.#held = held;
    this.#believe(held, asked);
    this.#options.log.info({ lease: this.#options.name, fence }, 'this hub acts');
    void this.#tell(hold);
  }

  #believe(held: Held, asked: number): void {
    held.validUntil = asked + this.#lifeMs * BELIEVED;
    clearTimeout(this.#deadline);
    const expire = (): void => this.#lose('it could not be renewed');
    this.#deadline = setTimeout(expire, Math.max(0, held.validUntil - performance.now()));
  }

  #lose(why: string): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    clearTimeout(this.#deadline);
    this.#options.log.info({ lease: this.#options.name, fence: held.hold.fence, why }, 'this hub acts no more');
    held.abort.abort(new NotHeld(`This hub has the lease no more: ${why}.`));
    this.#settling = this.#tell(undefined);
  }

  /** Resolves when all listeners have done what follows for them. */
  async #tell(hold: Hold | undefined): Promise<void> {
    const told = [...this.#listeners].map(async (listener) => {
      try {
        await listener(hold);
      } catch (error) {
        this.#options.log.error({ err: error }, 'a change of the lease was not taken well');
      }
    });
    await Promise.all(told);
  }
}
