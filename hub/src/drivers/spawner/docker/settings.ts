import type { Gpu } from '../../../domains/servers/spawner.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/log.ts';

/** What ensure() does one after the other; a hub that dies between two of them leaves a half-made container. */
export type EnsureStep = 'prepare' | 'create' | 'start' | 'isolate' | 'go';

/** How the driver is set up. */
export interface DockerSettings {
  instanceId: string;
  /** Data sources by name: a directory of this machine. `private/<owner>`, `public` and `share` lie below it. */
  sources: Record<string, string>;
  /** Where a tmpfs is looked for to hold secret files; the first that is one and can be written to. */
  tmpfsDirs: string[];
  /** Port of the hub's listener for calls from inside, on the network's gateway address; none: no DAVIT_API_URL. */
  apiPort?: number;
  /** Processes and threads per container. */
  pidsLimit?: number;
  /** Cards that exist only on paper, for tests; they are listed and attach nothing. */
  declaredGpus?: Gpu[];
  /** A directory for images on their way, below one that only the hub's user can enter; made when missing. */
  savesDir: string;
  /** Bytes free and in all where a path lies; of the machine unless a test says otherwise. */
  diskOf?: (path: string) => Promise<{ free: number; total: number }>;
  log: Logger;
  clock: Clock;
  /** Called after each step of ensure(); a test throws here to play a hub that dies. */
  onStep?: (step: EnsureStep) => void;
}

/** Labels of each container; lists and sweeps see only their own instance. */
export const LABEL = {
  instance: 'davit.instance',
  server: 'davit.server',
  owner: 'davit.owner',
  generation: 'davit.generation',
} as const;

/** The user that everything in a container runs as. */
export const CONTAINER_UID = 1000;

/** Seconds between SIGTERM and SIGKILL. */
export const STOP_GRACE_S = 10;
