import { Pool } from 'undici';
import { forwardError, ForwardError } from './errors.ts';
import type { Target } from './types.ts';

export interface PoolsOptions {
  connections: number;
  headersTimeoutMs: number;
  connectTimeoutMs: number;
  /** A pool without requests for this long is closed. */
  poolIdleMs: number;
  /** Pools kept; above it the one that was idle longest is closed. Pools in use are never closed. */
  maxPools: number;
}

/** A place in a target's pool. `release` must be called exactly once. */
export interface Lease {
  readonly pool: Pool;
  release(): void;
}

/** A request that waits for a place. `cancel` takes it off the list; it is then never called back. */
export interface Waiting {
  cancel(): void;
}

interface Waiter {
  ready: (lease: Lease) => void;
  failed: (error: ForwardError) => void;
  deadline: number;
}

interface Entry extends Lease {
  active: number;
  idleSince: number;
  waiters: Waiter[];
}

/**
 * One undici pool per target. Requests beyond a pool's connections wait here and not inside undici: a request queued
 * there cannot be taken back, so a client that left would cost a healthy connection, and no time-out would run.
 */
export class Pools {
  readonly #options: PoolsOptions;
  readonly #entries = new Map<string, Entry>();
  #sweeper: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  /** Number of open pools. */
  get size(): number {
    return this.#entries.size;
  }

  /** Calls `ready` with a place, at once if one is free; or `failed`. Returns how to stop waiting, if it has to wait. */
  acquire(target: Target, ready: (lease: Lease) => void, failed: (error: ForwardError) => void): Waiting | undefined {
    if (this.#disposed) {
      failed(forwardError('disposed'));
      return undefined;
    }
    const entry = this.#entryOf(target);
    if (entry.active < this.#options.connections) {
      entry.active += 1;
      ready(entry);
      return undefined;
    }
    const waiter = { ready, failed, deadline: Date.now() + this.#options.connectTimeoutMs };
    entry.waiters.push(waiter);
    return { cancel: () => void (entry.waiters = entry.waiters.filter((other) => other !== waiter)) };
  }

  /** Closes every connection; requests under way end with an error. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    clearInterval(this.#sweeper);
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) {
      for (const waiter of entry.waiters.splice(0)) waiter.failed(forwardError('disposed'));
    }
    await Promise.all(entries.map((entry) => entry.pool.destroy()));
  }

  #entryOf(target: Target): Entry {
    const key = `${target.host} ${target.port}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#options.maxPools) this.#closeLongestIdle();
    const entry = this.#open(target);
    this.#entries.set(key, entry);
    this.#sweeper ??= setInterval(() => this.#sweep(Date.now()), Math.min(1000, this.#options.poolIdleMs)).unref();
    return entry;
  }

  #open(target: Target): Entry {
    const host = target.host.includes(':') ? `[${target.host}]` : target.host;
    const pool = new Pool(`http://${host}:${target.port}`, {
      connections: this.#options.connections,
      connect: { timeout: this.#options.connectTimeoutMs },
      headersTimeout: this.#options.headersTimeoutMs,
      // Downloads and event streams may be silent or last for ever.
      bodyTimeout: 0,
      allowH2: false,
    });
    const entry: Entry = { pool, active: 0, idleSince: 0, waiters: [], release: () => this.#release(entry) };
    return entry;
  }

  #release(entry: Entry): void {
    const next = entry.waiters.shift();
    if (next !== undefined) {
      next.ready(entry);
      return;
    }
    entry.active -= 1;
    if (entry.active === 0) entry.idleSince = Date.now();
  }

  #closeLongestIdle(): void {
    let oldest: [string, Entry] | undefined;
    for (const item of this.#entries) {
      if (item[1].active === 0 && (oldest === undefined || item[1].idleSince < oldest[1].idleSince)) oldest = item;
    }
    if (oldest !== undefined) this.#close(...oldest);
  }

  #sweep(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.active === 0 && now - entry.idleSince >= this.#options.poolIdleMs) this.#close(key, entry);
      while (entry.waiters[0] !== undefined && entry.waiters[0].deadline <= now) {
        entry.waiters.shift()?.failed(new ForwardError('timeout', 'Too many requests wait for the target.'));
      }
    }
    if (this.#entries.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #close(key: string, entry: Entry): void {
    this.#entries.delete(key);
    void entry.pool.close();
  }
}
