import { z } from 'zod';
import { changeEventSchema } from '@davit/contract';
import type { Bus, BusMessage } from './bus.ts';
import type { Link } from './link.ts';
import type { Logger } from './log.ts';
import { Loop, type LoopOptions } from './loop.ts';
import { randomId } from './random.ts';

/** The channel of LISTEN and NOTIFY. */
export const EVENTS_CHANNEL = 'davit_events';

interface RelayOptions {
  link: Link;
  bus: Bus;
  log: Logger;
  onTick?: LoopOptions['onTick'];
}

/** PostgreSQL takes less than 8000 bytes. */
const PAYLOAD_BYTES = 7000;
/** People named in one message; more are told in several. */
const AUDIENCE = 200;
/** While the database is away hints gather here; of more the others are told that they missed some. */
const MAX_WAITING = 2000;
const CHECK_MS = 5000;
const RETRY_MS = 500;

const payloadSchema = z.object({
  from: z.string(),
  /** The sender could not keep all that it had to tell. */
  missed: z.boolean(),
  messages: z.array(
    z.object({
      event: changeEventSchema,
      audience: z.object({ userIds: z.array(z.string()).optional(), everyone: z.boolean().optional() }),
    }),
  ),
});

/**
 * Carries the hints of the bus to the other hubs on the database and theirs to here, by LISTEN and NOTIFY. A hub whose
 * connection broke does not know what it missed, and says so on its bus once it listens again.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #id = randomId();
  readonly #loop: Loop;
  #waiting: BusMessage[] = [];
  #dropped = false;
  #sending: Promise<void> | undefined;

  constructor(options: RelayOptions) {
    const { link, bus, log, onTick } = options;
    this.#options = options;
    this.#loop = new Loop({
      name: 'events',
      everyMs: () => (link.isConnected ? CHECK_MS : RETRY_MS),
      run: () => this.#check(),
      log,
      onTick,
    });
    link.listen({
      connected: (again) => {
        if (again) bus.missed();
      },
      notified: (payload) => this.#receive(payload),
      lost: () => this.#loop.wake(),
    });
  }

  /** Resolves when hints of others arrive here. */
  async start(): Promise<void> {
    await this.#options.link.query('SELECT 1');
    this.#options.bus.relayTo((message) => this.#send(message));
    this.#loop.start();
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#sending;
  }

  /** Notices a connection that broke without a word, opens another, and sends what waits. */
  async #check(): Promise<void> {
    await this.#options.link.query('SELECT 1');
    this.#flush();
  }

  #send({ event, audience: { userIds, everyone } }: BusMessage): void {
    const parts = Math.max(1, Math.ceil((userIds?.length ?? 0) / AUDIENCE));
    for (let part = 0; part < parts; part += 1) {
      const some = userIds?.slice(part * AUDIENCE, (part + 1) * AUDIENCE);
      this.#waiting.push({ event, audience: { userIds: some, everyone } });
    }
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting = [];
      this.#dropped = true;
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#sending !== undefined || !this.#options.link.isConnected) return;
    this.#sending = this.#sendAll().finally(() => (this.#sending = undefined));
  }

  /** In the order in which they were emitted. What fails is sent again when the connection is back; twice does no harm. */
  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 || this.#dropped) {
      const missed = this.#dropped;
      const batch = this.#nextBatch();
      const payload = JSON.stringify({ from: this.#id, missed, messages: batch });
      try {
        await this.#options.link.query('SELECT pg_notify($1, $2)', [EVENTS_CHANNEL, payload]);
        this.#dropped = this.#dropped && !missed;
      } catch {
        this.#waiting = [...batch, ...this.#waiting];
        return;
      }
    }
  }

  #nextBatch(): BusMessage[] {
    let bytes = 0;
    let count = 0;
    for (const message of this.#waiting) {
      bytes += Buffer.byteLength(JSON.stringify(message)) + 1;
      if (bytes > PAYLOAD_BYTES) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #receive(text: string): void {
    const { bus, log } = this.#options;
    const payload = payloadSchema.safeParse(parsed(text));
    if (!payload.success) {
      // A hub of another version: what it tells cannot be known, so everything may have changed.
      log.warn('an event of another hub could not be read');
      bus.missed();
      return;
    }
    if (payload.data.from === this.#id) return;
    if (payload.data.missed) bus.missed();
    for (const message of payload.data.messages) bus.receive(message);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
