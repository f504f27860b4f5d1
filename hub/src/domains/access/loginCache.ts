import type { ChangeEvent } from '@davit/contract';
import type { Clock } from '../../platform/clock.ts';
import type { Grant } from './store.ts';

/** How long an answer is believed without asking again. */
const FRESH_MS = 5_000;
/** How long it may still be used while the database does not answer. A revocation needs the database, too. */
const STALE_MS = 60_000;
/** Bounds the memory that somebody with invented cookies can take. */
const MAX_ENTRIES = 10_000;
/** A revocation during a load makes it start again, at most so often. */
const MAX_LOADS = 3;

interface Entry {
  grant: Grant | undefined;
  loadedAt: number;
}

export interface LoginCacheOptions {
  clock: Clock;
  /** Reads a login by the cookie's secret, undefined when it is not valid (any more). */
  load: (secret: string) => Promise<Grant | undefined>;
  maxEntries?: number;
}

/**
 * Remembers for 5 s who a server's cookie stands for. A hit answers synchronously, because the proxy asks on each
 * request; requests that miss together share one load.
 */
export class LoginCache {
  readonly #clock: Clock;
  readonly #load: (secret: string) => Promise<Grant | undefined>;
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Promise<Grant | undefined>>();
  /** Grows with each invalidation, so that a load that began before one is not believed. */
  #epoch = 0;

  constructor({ clock, load, maxEntries = MAX_ENTRIES }: LoginCacheOptions) {
    this.#clock = clock;
    this.#load = load;
    this.#maxEntries = maxEntries;
  }

  /** The login of a cookie, at once when it is known. Rejects when it is not and the database does not answer. */
  get(secret: string): Grant | undefined | Promise<Grant | undefined> {
    const entry = this.#entries.get(secret);
    if (entry !== undefined && this.#clock.now().getTime() - entry.loadedAt < FRESH_MS) return entry.grant;
    let loading = this.#loading.get(secret);
    if (loading === undefined) {
      loading = this.#refresh(secret).finally(() => this.#loading.delete(secret));
      this.#loading.set(secret, loading);
    }
    return loading;
  }

  /** Forgets what a change of this session, token, user or server could have ended. */
  invalidate({ id }: ChangeEvent): void {
    this.#epoch += 1;
    for (const [secret, { grant }] of this.#entries) {
      if (grant === undefined) continue;
      if (grant.via.id === id || grant.userId === id || grant.serverId === id) this.#entries.delete(secret);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#epoch += 1;
    this.#entries.clear();
  }

  async #refresh(secret: string): Promise<Grant | undefined> {
    try {
      const grant = await this.#loadSettled(secret);
      this.#remember(secret, grant);
      return grant;
    } catch (error) {
      const entry = this.#entries.get(secret);
      if (entry !== undefined && this.#clock.now().getTime() - entry.loadedAt < STALE_MS) return entry.grant;
      throw error;
    }
  }

  async #loadSettled(secret: string): Promise<Grant | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const epoch = this.#epoch;
      const grant = await this.#load(secret);
      if (epoch === this.#epoch || attempt === MAX_LOADS) return grant;
    }
  }

  #remember(secret: string, grant: Grant | undefined): void {
    this.#entries.delete(secret);
    this.#entries.set(secret, { grant, loadedAt: this.#clock.now().getTime() });
    if (this.#entries.size <= this.#maxEntries) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
