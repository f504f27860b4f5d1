import type { Editor, Placement, Reason, Resources, Toleration } from '@davit/contract';
import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../images/index.ts';

/** What a container is made of; the driver adds nothing that is not here or in its own settings. */
export interface ServerSpec {
  serverId: string;
  ownerId: string;
  /** Grows with each start; a label, not part of the container's name. */
  generation: number;
  serverName: string;
  userName: string;
  /** `digest` pins the content (`sha256:…`), `ref` is for people and logs. */
  image: { ref: string; digest: string };
  resources: Resources;
  /** Exclusive cards, ids as in the inventory. Declared (fake) cards attach nothing. */
  gpuIds: readonly string[];
  editors: readonly Editor[];
  /** '' for host routing, '/s/<id>' in path mode. */
  basePath: string;
  /** Data sources by name; public and share are writable only when `sharedWritable` (admins). */
  sources: readonly string[];
  sharedWritable: boolean;
  /** What an admin set for all servers and for the image; nothing else of an image reaches the engine. */
  launch?: LaunchSpec;
  /**
   * Where on a cluster it runs, instead of what the driver's settings say for all. Of no meaning on a single machine,
   * where drivers leave it aside.
   */
  placement?: Placement;
  /** Known only to the hub's proxy and the agent. */
  secret: string;
  /** Lets code inside call the server API. */
  token?: string;
}

/** How a server is to be started, as far as a container is concerned. */
export interface LaunchSpec {
  /** Programs inside may gain root's rights within the container. */
  sudo: boolean;
  /** Variables, none secret; those that Davit sets itself go first. */
  environment: Readonly<Record<string, string>>;
  /** Started by the agent beside the editors, as the user, in the work directory. */
  command: readonly string[] | undefined;
}

/** Names one container: `engineId` is the engine's own id, so that a later container of the same name is never meant. */
export interface ServerRef {
  serverId: string;
  engineId: string;
}

/** One container of this hub as the engine sees it. Times are the engine's own. */
export interface ObservedServer {
  ref: ServerRef;
  ownerId: string;
  generation: number;
  /** `created`: made but not started or not yet isolated; ensure() finishes it. */
  state: 'created' | 'running' | 'exited';
  exitCode?: number;
  outOfMemory?: boolean;
  createdAt?: Date;
  startedAt?: Date;
  finishedAt?: Date;
  /**
   * What the engine tells beyond the state. `created`: what it is waiting for; the engine is at work and ensure() has
   * nothing to do. `running`: why nothing is known of it now. `exited`: how it ended, where that is more than a code.
   */
  reason?: Reason;
}

/** Where a port of a container can be dialled from the hub. */
export interface Endpoint {
  host: string;
  port: number;
}

/** One GPU. `kind` is a name such as 'NVIDIA A100 80GB'; declared cards are for tests and attach nothing. */
export interface Gpu {
  id: string;
  kind: string;
  declared: boolean;
}

/** What keeps servers off a machine unless they tolerate it. */
export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

/** Whether a toleration lets servers run beside a taint. */
export function tolerates({ key, value, effect }: Toleration, taint: Taint): boolean {
  return (
    key === taint.key &&
    (value === undefined || value === (taint.value ?? '')) &&
    (effect === undefined || effect === taint.effect)
  );
}

/** What the machines have in all; CPU in cores, memory and disk in MiB. What is free follows from the rows. */
export interface Inventory {
  nodes: {
    name: string;
    cpu: number;
    memoryMb: number;
    gpus: Gpu[];
    ready: boolean;
    /** Left out where machines have none to be chosen by. */
    labels?: Readonly<Record<string, string>>;
    /** Those that a server's own placement has to tolerate. */
    taints?: readonly Taint[];
  }[];
  /** Free and total space where containers and images lie. */
  disk?: { freeMb: number; totalMb: number };
}

/** The engine refused for a reason a person should read, and trying again will not help. */
export class SpawnRefused extends Error {}

/** The engine has no room now; trying again later will help, however often. */
export class SpawnWaits extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, options?: ErrorOptions) {
    super(reason.message, options);
    this.reason = reason;
  }
}

/**
 * The port to a container engine, implemented by drivers. Each call is bounded in time by the driver and by `signal`.
 * A rejected promise means «not known», never «gone»; only list() tells what is there.
 */
export interface Spawner {
  readonly engine: 'docker' | 'kubernetes' | 'fake';
  /**
   * Makes the container of `spec` exist, isolated and running, with its directories and secret files. Does nothing when
   * it already is; removes a stale container of another generation first. An exited one of the same generation stays.
   * Where the engine needs long (to fetch an image, to find a machine), it is resolved when the container is on its way.
   */
  ensure(spec: ServerSpec, signal: AbortSignal): Promise<ServerRef>;
  /** Removes exactly that container and its secret files; done when it is already gone. Grace for SIGTERM: 10 s. */
  remove(ref: ServerRef, signal: AbortSignal): Promise<void>;
  /** All containers with this hub's instance id, exited ones too. */
  list(signal: AbortSignal): Promise<ObservedServer[]>;
  /** Calls `onHint` when something may have changed; returns what ends it. Truth still comes from list(). */
  watch(onHint: () => void): () => void;
  /**
   * Puts another server token in the place of the one that this container has, at once for all who read it from then on.
   * Rejected when the container is not there any more. Left out by drivers that identify().
   */
  writeToken?(ref: ServerRef, token: string, signal: AbortSignal): Promise<void>;
  /**
   * Whose container a token is for which the engine itself made it and replaces it; undefined when it is nobody's of this
   * hub. Where a driver has this, ServerSpec.token is not used.
   */
  identify?(token: string, signal: AbortSignal): Promise<ServerRef | undefined>;
  /** The last `tail` lines of stdout and stderr. */
  logs(ref: ServerRef, tail: number, signal: AbortSignal): Promise<string[]>;
  /** Where the hub reaches `port` (the agent's) of a running container. */
  endpoint(ref: ServerRef, port: number, signal: AbortSignal): Promise<Endpoint | undefined>;
  inventory(signal: AbortSignal): Promise<Inventory>;
  /**
   * Makes an image of a running container, which is not paused: what changed in it since its image, less `target.scrub`,
   * mounts and memory, as one new layer on the layers of that image; nothing of the rest, nor of the container's own
   * environment, is in any layer or the image's configuration. Above ten saved layers they become one. Starts afresh
   * when an earlier call died. Rejects with SpawnRefused for a reason that stays. Aborted, it leaves nothing behind.
   */
  saveImage(ref: ServerRef, target: SaveTarget, options: SaveOptions): Promise<ImageLocation>;
  /** Removes all that a save of this job left, the complete image too. */
  discardSave(target: Pick<SaveTarget, 'job' | 'ref'>, signal: AbortSignal): Promise<void>;
  /** Removes the leavings of saves by this hub whose jobs are not in `active`; complete images stay. */
  sweepSaves(active: ReadonlySet<string>, signal: AbortSignal): Promise<void>;
  /** What a save would keep and leave out; what takes longer than the signal allows is null. */
  measureChanges(ref: ServerRef, scrub: readonly string[], signal: AbortSignal): Promise<SaveMeasure>;
  /**
   * Bytes that a container has written to its own layer, its mounts left out; undefined when it is gone. It may take a
   * minute. Left out by drivers whose engine keeps the limit by itself (Kubernetes: ephemeral-storage).
   */
  writtenBytes?(ref: ServerRef, signal: AbortSignal): Promise<number | undefined>;
  dispose(): Promise<void>;
}

/** The agent's port in each container. */
export const AGENT_PORT = 7070;
