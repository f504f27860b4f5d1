import pg from 'pg';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';

interface LinkOptions {
  url: string;
  /** The channel that is listened to. */
  channel: string;
  log: Logger;
}

interface LinkListener {
  /** Connected and listening; `again` when that was lost before, so that notifications may have been missed. */
  connected(again: boolean): void;
  notified(payload: string): void;
  lost(): void;
}

/** A step that takes longer shows that nobody is there any more, which a dead network does not tell by itself. */
const STEP_MS = 5000;
/** Waiting for a row's lock must not hold up the notifications behind it. */
const LOCK_MS = 2000;

/**
 * One connection to PostgreSQL apart from the pool, for what hubs tell each other: a pool would give another connection each
 * time, and one that is busy would make a hub late that has a lease to renew. Connects when it is used.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #listeners = new Set<LinkListener>();
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  #wasConnected = false;
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#client !== undefined;
  }

  listen(listener: LinkListener): void {
    this.#listeners.add(listener);
  }

  /** Asks in one round trip. A connection that does not answer is given up; the next question opens another. */
  async query<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = this.#client ?? (await this.#connect());
    try {
      return (await client.query<T>(text, values)).rows;
    } catch (error) {
      // What PostgreSQL itself refuses came over a connection that works.
      if (!(error instanceof pg.DatabaseError)) this.#drop(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting?.catch(() => undefined);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    if (this.#closed) throw new Error('the hub is ending');
    this.#connecting ??= this.#open().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #open(): Promise<pg.Client> {
    const { url, channel, log } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: STEP_MS,
      query_timeout: STEP_MS,
      lock_timeout: LOCK_MS,
      keepAlive: true,
    });
    client.on('error', (error) => {
      log.debug({ error: messageOf(error) }, 'the connection for events broke');
      this.#drop(client);
    });
    client.on('end', () => this.#drop(client));
    client.on('notification', ({ payload }) => {
      for (const listener of this.#listeners) listener.notified(payload ?? '');
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    const again = this.#wasConnected;
    this.#wasConnected = true;
    for (const listener of this.#listeners) listener.connected(again);
    return client;
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void client.end().catch(() => undefined);
    if (!this.#closed) for (const listener of this.#listeners) listener.lost();
  }
}
