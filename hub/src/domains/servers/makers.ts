import { Admission } from './admissionService.ts';
import { DiskWatch } from './diskWatch.ts';
import { serversInUse } from './inputs.ts';
import { InventoryCache } from './inventory.ts';
import { LiveServers } from './live.ts';
import type { Settings } from './options.ts';
import { Reconciler } from './reconciler.ts';
import { ReleaseBook } from './releaseBook.ts';
import { Releaser } from './releaser.ts';
import { ReleaseService } from './releaseService.ts';
import { Retirer } from './retirer.ts';
import { Publisher } from './rows.ts';
import { RunStore } from './runStore.ts';
import { ServersService } from './service.ts';
import { ServerTokens } from './serverTokens.ts';
import { Sightings } from './sightings.ts';
import { Starter } from './starter.ts';
import { ServerStore } from './store.ts';
import { Targets } from './targets.ts';
import { ServerTokenStore } from './tokenStore.ts';

/** What asks the loops for a turn. The loops are made last, of what they run. */
export interface Wakers {
  /** Rows and engine. */
  wake: () => void;
  /** Agents. */
  poll: () => void;
  /** Releases. */
  look: () => void;
}

/** What is known of servers: in rows, by the engine, from the agents. */
export type Known = ReturnType<typeof createKnown>;

/** Containers made at once, and removed at once. */
const START_WIDTH = 4;
const REMOVE_WIDTH = 8;

export function createKnown(settings: Settings, wakers: Wakers) {
  const { db, bus, clock, log, spawner, people } = settings;
  const store = new ServerStore(db);
  const runs = new RunStore(db);
  const live = createLive(settings, wakers, {
    runs,
    refresh: (serverId) => targets.refresh(serverId),
    publish: (serverId) => publisher.publishLive(serverId),
  });
  const targets = new Targets({
    secretOf: settings.secretOf,
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
    limitMb: settings.diskLimitMb,
    everyMs: settings.timing.disk,
    refs: () => live.refs(),
    onChange: wakers.wake,
  });
  const inventory = new InventoryCache(spawner, clock);
  return { store, runs, live, targets, publisher, tokens, disk, inventory, sightings: new Sightings(runs) };
}

/** Who hears what agents tell. */
interface LiveTells {
  runs: RunStore;
  refresh: (serverId: string) => void;
  publish: (serverId: string) => void;
}

function createLive(
  { spawner, client, clock, secretOf, timing, ticket }: Settings,
  { wake, look }: Wakers,
  { runs, refresh, publish }: LiveTells,
): LiveServers {
  return new LiveServers({
    spawner,
    client,
    clock,
    secretOf,
    timing: timing.live,
    onChange: (serverId) => {
      refresh(serverId);
      wake();
      // The hub that acts writes and tells of it, maybe before this one knew.
      if (ticket.hold === undefined) publish(serverId);
    },
    onActivity: look,
    onPorts: publish,
    onClockStep: (engineId, stepMs) => runs.noteClockStep(engineId, stepMs, clock.now()),
  });
}

/** When servers are released, and what is done about it. */
export function createReleases(settings: Settings, known: Known, { wake, look }: Wakers) {
  const { clock, log, people, releaseSettings, saving } = settings;
  const { store, runs, publisher, live } = known;
  const book = new ReleaseBook({ live, clock, settings: releaseSettings, saving });
  const shared = { store, runs, publisher, clock, log, book };
  return {
    book,
    releaser: new Releaser({ ...shared, live, wake }),
    releases: new ReleaseService({ ...shared, live, people, wake, look }),
  };
}

/** What makes the engine equal to the rows. */
export function createReconciler(settings: Settings, known: Known, { wake, poll }: Wakers): Reconciler {
  const { spawner, clock, log, people, images, secretOf, sources, variables, policy, timing } = settings;
  const { store, runs, publisher, tokens, inventory, sightings, live, disk } = known;
  const shared = { spawner, store, runs, publisher, clock, log };
  return new Reconciler({
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
}

/** What people do with servers. */
export function createService(
  settings: Settings,
  known: Known,
  { book, wake, poll }: Pick<Wakers, 'wake' | 'poll'> & { book: ReleaseBook },
): ServersService {
  const { spawner, clock, people, images, policy, basePathOf, placementOf } = settings;
  const { store, runs, publisher, live, targets, inventory } = known;
  return new ServersService({
    ...{ store, runs, publisher, live, targets, inventory },
    ...{ spawner, clock, people, images, policy, basePathOf, placementOf },
    ...{ book, wake, poll },
  });
}
