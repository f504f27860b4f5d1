import { hostname } from 'node:os';
import type { Config } from './config.ts';
import type { EngineParts } from './engine.ts';
import type { Bus } from './platform/bus.ts';
import type { Database } from './platform/db.ts';
import { fenceWrites } from './platform/fencedDatabase.ts';
import { Lease } from './platform/lease.ts';
import { Link } from './platform/link.ts';
import type { Logger } from './platform/log.ts';
import type { Metrics } from './platform/metrics.ts';
import { EVENTS_CHANNEL, Relay } from './platform/relay.ts';
import { ticketed, type Ticket } from './platform/ticket.ts';

/** One for all loops that act: they share what they know of containers and builds, so they belong on one hub. */
const LEASE = 'loops';

interface ReplicaOptions {
  config: Pick<Config, 'dataDir' | 'port'>;
  url: string;
  db: Database;
  bus: Bus;
  log: Logger;
  metrics: Metrics;
}

/** What makes this hub one of several on its database. */
export interface Replica {
  /** Which of them acts. */
  ticket: Ticket;
  /** Begins to hear of the others, and to act when no other does. */
  start(): Promise<void>;
  /** Stops acting and lets another hub act. */
  handOver(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes this hub one of those on the database. What loops write through `db` is fenced from here on. */
export function createReplica({ config, url, db, bus, log, metrics }: ReplicaOptions): Replica {
  const { onTick } = metrics;
  const link = new Link({ url, channel: EVENTS_CHANNEL, log });
  const relay = new Relay({ link, bus, log, onTick });
  const holder = `${hostname()}:${config.port}:${config.dataDir}`;
  const lease = new Lease({ name: LEASE, holder, link, db, log, onTick });
  fenceWrites(db, LEASE);
  metrics.showLease(() => lease.hold !== undefined);
  return {
    ticket: lease,
    start: async () => {
      await relay.start();
      await lease.start();
    },
    handOver: () => lease.stop(),
    stop: async () => {
      await lease.stop();
      await relay.stop();
      await link.close();
    },
  };
}

/** The engine, of which a hub that may not act can only see what is there. */
export function actingBy<T extends EngineParts>(ticket: Ticket, engine: T): T {
  return {
    ...engine,
    spawner: ticketed(
      engine.spawner,
      ['ensure', 'remove', 'writeToken', 'saveImage', 'discardSave', 'sweepSaves'],
      ticket,
    ),
    images: ticketed(engine.images, ['ensure'], ticket),
    imageMaker: ticketed(engine.imageMaker, ['importArchive', 'buildDockerfile', 'remove', 'discard', 'sweep'], ticket),
    ...(engine.shelf === undefined ? {} : { shelf: ticketed(engine.shelf, ['remove'], ticket) }),
  };
}
