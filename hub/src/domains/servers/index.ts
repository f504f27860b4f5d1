import type { ReleaseSettings } from '@davit/contract';
import type { Bus } from '../../platform/bus.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { Logger } from '../../platform/log.ts';
import type { LoopOptions } from '../../platform/loop.ts';
import { ALWAYS_HELD, type Ticket } from '../../platform/ticket.ts';
import { Admission } from './admissionService.ts';
import { createAgentClient, type AgentClient } from './agentClient.ts';
import { DiskWatch } from './diskWatch.ts';
import { Elsewhere } from './elsewhere.ts';
import { serversInUse } from './inputs.ts';
import { InventoryCache } from './inventory.ts';
import { DEFAULT_LIVE_TIMING, LiveServers, type LiveTiming } from './live.ts';
import { ServerLoops } from './loops.ts';
import type { ServerSaver } from '../images/index.ts';
import { DEFAULT_TIMING, type Timing } from './plan.ts';
import type { Images, People, PlacementOf } from './ports.ts';
import { Reconciler } from './reconciler.ts';
import { ReleaseBook } from './releaseBook.ts';
import { Releaser } from './releaser.ts';
import { ReleaseService } from './releaseService.ts';
import { Retirer } from './retirer.ts';
import { serverRoutes, type IssueLink } from './routes.ts';
import { DEFAULT_CAPACITY, type CapacityPolicy } from './room.ts';
import { Publisher } from './rows.ts';
import { RunStore } from './runStore.ts';
import { agentSecret } from './secrets.ts';
import { ServersService } from './service.ts';
import { Sightings } from './sightings.ts';
import type { Spawner } from './spawner.ts';
import { createServerSaver } from './saving.ts';
import { ServerTokens } from './serverTokens.ts';
import { Starter } from './starter.ts';
import { ServerStore } from './store.ts';
import { Targets } from './targets.ts';
import { ServerTokenStore } from './tokenStore.ts';

export type * from './spawner.ts';
export { SpawnRefused, SpawnWaits } from './spawner.ts';
export type { AgentClient, AgentStatus } from './agentClient.ts';
export type { Images, People, Person } from './ports.ts';
export type { CapacityPolicy } from './room.ts';
export type { IssueLink } from './routes.ts';
export { SAVE_MS } from './saving.ts';
export type { ServerTokens } from './serverTokens.ts';
export type { ServersService } from './service.ts';
export type { Target, Targets } from './targets.ts';

export interface ServersDomainOptions {
  db: Database;
  bus: Bus;
  log: Logger;
  clock?: Clock;
  /** With several hubs on one database: which of them acts. The others observe, and serve all the same. */
  ticket?: Ticket;
  spawner: Spawner;
  people: People;
  images: Images;
  /** Key of this instance, from which the agents' secrets follow. */
  instanceKey: Buffer;
  /** Data sources that every container gets. */
  sources: readonly string[];
  /** Variables that each container gets unless its image sets others; nothing secret. */
  variables?: Readonly<Record<string, string>>;
  /** Path in front of everything of a server: '' for host routing, '/s/<id>' in path mode. */
  basePathOf: (serverId: string) => string;
  capacity?: Partial<CapacityPolicy>;
  /** Where a person's servers run on a cluster; undefined where that does not matter. */
  placementOf?: PlacementOf;
  /** What an admin set about release. */
  releaseSettings: () => Promise<ReleaseSettings>;
  /** Servers of which an image is being saved now: they are not released meanwhile. */
  saving?: () => Promise<ReadonlySet<string>>;
  /** What a container may write to its own layer, in MiB; 0: no limit. */
  diskLimitMb?: number;
  /** For tests and for slow machines. */
  timing?: Partial<Timing & { quarantine: number; tick: number; disk: number; live: LiveTiming }>;
  agentClient?: AgentClient;
  onTick?: LoopOptions['onTick'];
}

export interface ServersDomain {
  service: ServersService;
  /** When servers are released, and what people do about it. */
  releases: ReleaseService;
  /** Where the proxy finds servers. */
  targets: Targets;
  /** Who calls from inside a server. */
  tokens: Pick<ServerTokens, 'authenticate' | 'aliveAmong'>;
  /** What the domain that keeps images asks when a server is saved. */
  saver: ServerSaver;
  /** Whether the engine answered when it was looked at last; undefined before the first look. */
  engineAnswers(): boolean | undefined;
  routes(api: ApiRouter, options: { issueLink: IssueLink }): void;
  /** Loads what the proxy needs and begins to reconcile. */
  start(): Promise<void>;
  /** Ends the loops and waits for them; the containers go on. */
  stop(): Promise<void>;
  /** One look at the engine and at the agents and all that follows from it, instead of start(): for tests. */
  settle(): Promise<void>;
}

const QUARANTINE_MS = 60_000;
/** The engine's events and people's requests wake the loop at once; this finds what was missed. */
const TICK_MS = 10_000;
/** Between two looks at what one container has written, at the most. */
const DISK_MS = 60_000;
/** Containers made at once, and removed at once. */
const START_WIDTH = 4;
const REMOVE_WIDTH = 8;

/** Servers: what people want in rows, what runs in the engine, and the loop that makes them equal. */
export function createServersDomain(options: ServersDomainOptions): ServersDomain {
  const { db, bus, log, spawner, people, images, sources, basePathOf, onTick, clock = systemClock } = options;
  const { ticket = ALWAYS_HELD, variables = {} } = options;
  const policy = { ...DEFAULT_CAPACITY, ...options.capacity };
  const timing = { ...DEFAULT_TIMING, quarantine: QUARANTINE_MS, tick: TICK_MS, disk: DISK_MS, ...options.timing };
  const secretOf = (id: string, generation: number) => agentSecret(options.instanceKey, id, generation);
  const wake = (): void => loops.wake();
  const poll = (): void => loops.poll();
  const look = (): void => loops.look();

  const store = new ServerStore(db);
  const runs = new RunStore(db);
  const sightings = new Sightings(runs);
  const client = options.agentClient ?? createAgentClient();
  const inventory = new InventoryCache(spawner, clock);
  const live = new LiveServers({
    spawner,
    client,
    clock,
    secretOf,
    timing: timing.live ?? DEFAULT_LIVE_TIMING,
    onChange: (serverId) => {
      targets.refresh(serverId);
      wake();
      // The hub that acts writes and tells of it, maybe before this one knew.
      if (ticket.hold === undefined) publisher.publishLive(serverId);
    },
    onActivity: () => look(),
    onPorts: (serverId) => publisher.publishLive(serverId),
  });
  const targets = new Targets({
    secretOf,
    factsOf: (id, generation) => live.facts(id, generation),
    inUse: (ids, withinMs) => serversInUse(ids, withinMs, { store, live, clock }),
  });
  const publisher = new Publisher(bus, targets);
  const tokens = new ServerTokens({
    store: new ServerTokenStore(db),
    people,
    spawner,
    refOf: (id, generation) => (live.facts(id, generation) === undefined ? undefined : live.refOf(id)),
    clock,
    log,
  });
  const disk = new DiskWatch({
    spawner,
    clock,
    log,
    limitMb: options.diskLimitMb ?? 0,
    everyMs: timing.disk,
    refs: () => live.refs(),
    onChange: wake,
  });
  const shared = { spawner, store, runs, publisher, clock, log };
  const saving = options.saving ?? (() => Promise.resolve(new Set<string>()));
  const book = new ReleaseBook({ live, clock, settings: options.releaseSettings, saving });
  const releaser = new Releaser({ ...shared, book, live, wake });
  const releases = new ReleaseService({ ...shared, book, people, wake, look });
  const reconciler = new Reconciler({
    ...shared,
    sightings,
    admission: new Admission({ store, publisher, inventory, policy, clock }),
    starter: new Starter({ ...shared, images, people, secretOf, tokens, sources, variables, width: START_WIDTH }),
    retirer: new Retirer({ ...shared, width: REMOVE_WIDTH }),
    live,
    disk,
    timing,
    quarantine: timing.quarantine,
    wake,
    poll,
  });
  const service = new ServersService({
    ...shared,
    people,
    images,
    live,
    targets,
    inventory,
    policy,
    book,
    basePathOf,
    placementOf: options.placementOf ?? (() => Promise.resolve(undefined)),
    wake,
    poll,
  });
  const elsewhere = new Elsewhere({
    bus,
    store,
    publisher,
    targets,
    wake: () => {
      wake();
      look();
    },
  });
  const loops = new ServerLoops({
    ...{ reconciler, elsewhere, live, releaser, tokens, disk },
    ...{ tickMs: timing.tick, ticket, log, onTick },
  });
  const ends: (() => void)[] = [];

  return {
    service,
    releases,
    targets,
    tokens,
    saver: createServerSaver({ store, people, spawner }),
    engineAnswers: () => reconciler.engineAnswers,
    routes: (api, { issueLink }) => serverRoutes(api, { service, releases, issueLink }),
    start: async () => {
      ends.push(
        elsewhere.start(),
        ticket.onChange(async (hold) => {
          if (hold === undefined) await reconciler.standDown();
        }),
        spawner.watch(wake),
      );
      elsewhere.expectAll();
      await elsewhere.takeIn();
      loops.start();
    },
    stop: async () => {
      for (const end of ends.splice(0)) end();
      await loops.stop();
      await Promise.all([reconciler.jobs.stop(), live.stop()]);
      await sightings.write();
      await client.dispose();
    },
    settle: async () => {
      await reconciler.tick(AbortSignal.timeout(60_000));
      await reconciler.jobs.settled();
      live.poll();
      await live.settled();
      await tokens.rotate(AbortSignal.timeout(60_000));
      await releaser.tick(AbortSignal.timeout(60_000));
      await disk.look(AbortSignal.timeout(60_000));
    },
  };
}
