import { Connection, type ConnectionOwner, type ConnectionTimeouts } from './connection.ts';
import { ForwardError, forwardError } from './errors.ts';
import type { Target } from './types.ts';

export interface PoolsOptions extends ConnectionTimeouts {
  /** Connections to one target at a time. */
  connections: number;
  /** A pool without requests for this long is closed. */
  poolIdleMs: number;
  /** Pools kept; above it the one that was idle longest is closed. Pools in use are never closed. */
  maxPools: number;
}

/** Asks for a connection. */
export interface Waiter {
  /** A connection that carries nothing else; it may not stand yet. */
  onConnection(connection: Connection): void;
  onNone(error: ForwardError): void;
}

const SLOWEST_SWEEP_MS = 1000;

/** One pool per target, bounded in number, closed when idle. One timer watches over all time-outs. */
export class Pools {
  readonly #options: PoolsOptions;
  readonly #pools = new Map<string, Pool>();
  readonly #sweepMs: number;
  #sweeper: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: PoolsOptions) {
    this.#options = options;
    const { connectTimeoutMs, headersTimeoutMs, poolIdleMs } = options;
    this.#sweepMs = Math.min(SLOWEST_SWEEP_MS, connectTimeoutMs / 4, headersTimeoutMs / 4, poolIdleMs / 4);
  }

  /** Number of open pools. */
  get size(): number {
    return this.#pools.size;
  }

  /** The pool of a target, opened if there is none. Throws a `ForwardError` after `dispose`. */
  get(target: Target): Pool {
    if (this.#disposed) throw forwardError('disposed');
    const key = `${target.host} ${target.port}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    if (this.#pools.size >= this.#options.maxPools) this.#closeLongestIdle();
    const pool = new Pool(target, this.#options);
    this.#pools.set(key, pool);
    this.#sweeper ??= setInterval(() => this.#sweep(Date.now()), this.#sweepMs).unref();
    return pool;
  }

  /** Closes every connection; requests under way end with an error. */
  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#sweeper);
    for (const pool of this.#pools.values()) pool.dispose();
    this.#pools.clear();
  }

  #closeLongestIdle(): void {
    let oldest: [string, Pool] | undefined;
    for (const item of this.#pools) {
      if (item[1].isIdle && (oldest === undefined || item[1].idleSince < oldest[1].idleSince)) oldest = item;
    }
    if (oldest !== undefined) this.#close(...oldest);
  }

  #sweep(now: number): void {
    for (const [key, pool] of this.#pools) {
      pool.sweep(now);
      if (pool.isIdle && now - pool.idleSince >= this.#options.poolIdleMs) this.#close(key, pool);
    }
    if (this.#pools.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #close(key: string, pool: Pool): void {
    this.#pools.delete(key);
    pool.dispose();
  }
}

/** The connections to one target: those in use, and idle ones of which the one used last is used next. */
export class Pool implements ConnectionOwner {
  readonly #target: Target;
  readonly #options: PoolsOptions;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  #waiters: { waiter: Waiter; deadline: number }[] = [];
  #idleSince = Date.now();

  constructor(target: Target, options: PoolsOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** No request is under way. */
  get isIdle(): boolean {
    return this.#all.size === this.#idle.length && this.#waiters.length === 0;
  }

  /** When the last request ended; ms since the epoch. */
  get idleSince(): number {
    return this.#idleSince;
  }

  /** Gives the waiter a connection, now or when one is free. */
  acquire(waiter: Waiter): void {
    const idle = this.#takeIdle();
    if (idle !== undefined) {
      waiter.onConnection(idle);
    } else if (this.#all.size < this.#options.connections) {
      this.#open(waiter);
    } else {
      this.#waiters.push({ waiter, deadline: Date.now() + this.#options.connectTimeoutMs });
    }
  }

  /** Gives the waiter a connection that has never been used, even beyond the bound: only for what was lost on a used one. */
  acquireNew(waiter: Waiter): void {
    this.#open(waiter);
  }

  /** Forgets a waiter that has no connection yet. */
  cancel(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((other) => other.waiter !== waiter);
  }

  onIdle(connection: Connection): void {
    this.#idleSince = Date.now();
    const next = this.#waiters.shift();
    if (next === undefined) this.#idle.push(connection);
    else next.waiter.onConnection(connection);
  }

  onClosed(connection: Connection): void {
    this.#idleSince = Date.now();
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    const next = this.#all.size < this.#options.connections ? this.#waiters.shift() : undefined;
    if (next !== undefined) this.#open(next.waiter);
  }

  /** Ends what has waited too long. */
  sweep(now: number): void {
    for (const connection of this.#all) if (connection.deadline <= now) connection.destroy(forwardError('timeout'));
    while (this.#waiters[0] !== undefined && this.#waiters[0].deadline <= now) {
      this.#waiters.shift()?.waiter.onNone(new ForwardError('timeout', 'Too many requests wait for the target.'));
    }
  }

  dispose(): void {
    for (const { waiter } of this.#waiters.splice(0)) waiter.onNone(forwardError('disposed'));
    for (const connection of this.#all) connection.destroy(forwardError('disposed'));
  }

  #takeIdle(): Connection | undefined {
    let idle = this.#idle.pop();
    while (idle !== undefined && !idle.isUsable) idle = this.#idle.pop();
    return idle;
  }

  #open(waiter: Waiter): void {
    const connection = new Connection(this.#target, this, this.#options);
    this.#all.add(connection);
    waiter.onConnection(connection);
  }
}
