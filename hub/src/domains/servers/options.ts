import type { ReleaseSettings } from '@davit/contract';
import type { Bus } from '../../platform/bus.ts';
import { systemClock, type Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import type { LoopOptions } from '../../platform/loop.ts';
import { ALWAYS_HELD, type Ticket } from '../../platform/ticket.ts';
import { createAgentClient, type AgentClient } from './agentClient.ts';
import { DEFAULT_LIVE_TIMING, type LiveTiming } from './live.ts';
import { DEFAULT_TIMING, type Timing } from './plan.ts';
import type { Images, People, PlacementOf } from './ports.ts';
import { DEFAULT_CAPACITY, type CapacityPolicy } from './room.ts';
import { agentSecret } from './secrets.ts';
import type { Spawner } from './spawner.ts';

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

const QUARANTINE_MS = 60_000;
/** The engine's events and people's requests wake the loop at once; this finds what was missed. */
const TICK_MS = 10_000;
/** Between two looks at what one container has written, at the most. */
const DISK_MS = 60_000;

/** The options with a value for each that was left out. */
export type Settings = ReturnType<typeof withDefaults>;

export function withDefaults(given: ServersDomainOptions) {
  const { instanceKey, clock = systemClock, ticket = ALWAYS_HELD, variables = {}, diskLimitMb = 0 } = given;
  return {
    ...given,
    ...{ clock, ticket, variables, diskLimitMb },
    policy: { ...DEFAULT_CAPACITY, ...given.capacity },
    timing: {
      ...{ ...DEFAULT_TIMING, quarantine: QUARANTINE_MS, tick: TICK_MS, disk: DISK_MS, ...given.timing },
      live: given.timing?.live ?? DEFAULT_LIVE_TIMING,
    },
    client: given.agentClient ?? createAgentClient(),
    placementOf: given.placementOf ?? (() => Promise.resolve(undefined)),
    saving: given.saving ?? (() => Promise.resolve(new Set<string>())),
    secretOf: (serverId: string, generation: number) => agentSecret(instanceKey, serverId, generation),
  };
}
