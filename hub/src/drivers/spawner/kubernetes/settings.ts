import type { Placement, Toleration } from '@davit/contract';
import type { Logger } from '../../../platform/log.ts';
import type { SaverSettings } from './save/settings.ts';

/** What ensure() does one after the other; a hub that dies between two of them leaves a half-made pod. */
export type EnsureStep = 'prepare' | 'create' | 'run';

/** How servers become pods; all of it is the admin's. Sizes are Kubernetes quantities such as `10Gi`. */
export interface ClusterSettings {
  /** Where all pods, claims and secrets of servers are made. It has to be there. */
  namespace: string;
  storage: {
    /** Undefined: the cluster's default class. */
    className: string | undefined;
    /** Class of the claims that all share, when each user has claims of their own. */
    sharedClassName: string | undefined;
    /** `ReadWriteMany`: one claim per data source, a directory in it per user. `ReadWriteOnce`: a claim per user. */
    accessMode: 'ReadWriteMany' | 'ReadWriteOnce';
    size: string;
  };
  /** Extended resources that are GPUs: resource → what people call it. */
  gpus: Record<string, string>;
  /** Requests are half of what was asked for and limits twice as much. */
  floating: boolean;
  /** No server runs on other machines. */
  nodeSelector: Record<string, string>;
  tolerations: Toleration[];
  priorityClassName: string | undefined;
  runtimeClassName: string | undefined;
  imagePullSecrets: string[];
  /** Has no rights; only names the pods' tokens. */
  serviceAccountName: string;
  /** Whether each pod gets users of its own; `auto`: where all nodes can do that and no server is to be saved, which excludes it. */
  userNamespaces: 'auto' | 'on' | 'off';
  /** The server API as pods reach it; undefined: no DAVIT_API_URL. */
  apiUrl: string | undefined;
  network: {
    /** Labels of the hub's own pods; the only ones that reach the agents. Empty: the hub is not a pod. */
    hubLabels: Record<string, string>;
    /** Addresses from which a hub outside the cluster comes, and where its API is. */
    hubRanges: string[];
    /** Addresses in the internet's ranges or private ones that servers may reach besides. */
    allowedRanges: string[];
  };
}

/** Where all servers run unless something is said about one. */
export function placementOf(cluster: ClusterSettings): Placement {
  const { nodeSelector, tolerations, priorityClassName = null, runtimeClassName = null, imagePullSecrets } = cluster;
  return { nodeSelector, tolerations, priorityClassName, runtimeClassName, imagePullSecrets };
}

/** How the driver is set up. */
export interface KubernetesSettings {
  instanceId: string;
  cluster: ClusterSettings;
  /** What a server may write outside of /data, in MiB; 0: no limit. The kubelet keeps it. */
  diskLimitMb: number;
  /** The registry that asks the hub who may pull: how nodes sign in there, which changes as time goes by. Undefined: it lets all in. */
  registry?: { host: string; credential: () => { user: string; password: string } };
  /** Undefined: servers cannot be saved as images. */
  saver?: SaverSettings;
  log: Logger;
  /** Called after each step of ensure(); a test throws here to play a hub that dies. */
  onStep?: (step: EnsureStep) => void;
  timing?: Partial<WatchTiming>;
}

/** Milliseconds. */
export interface WatchTiming {
  /** After so long a new look is asked for, whatever the watch said. */
  relist: number;
  /** A watch that is silent for so long is dead: bookmarks come each minute. */
  silent: number;
  /** First wait before a watch is opened again; doubled up to `maxWait`. */
  wait: number;
  maxWait: number;
  /** A watch that lived for so long was a good one although nothing happened: the next wait is the first again. */
  settled: number;
}

export const DEFAULT_WATCH_TIMING: WatchTiming = {
  relist: 60_000,
  silent: 90_000,
  wait: 500,
  maxWait: 30_000,
  settled: 10_000,
};

/** Labels of each object; lists and sweeps see only their own instance. */
export const LABEL = {
  instance: 'davit.instance',
  server: 'davit.server',
  owner: 'davit.owner',
  generation: 'davit.generation',
} as const;

/** Keeps an ended pod until its end was recorded; remove() takes it off. */
export const FINALIZER = 'davit.local/end-recorded';

/** Whom a pod's token is for; a token for the API server itself is never in a pod. */
export const AUDIENCE = 'davit';

/** The user and group that everything in a pod runs as. */
export const CONTAINER_UID = 1000;

/** Name of the one container of a pod. */
export const CONTAINER = 'server';

/** Seconds between SIGTERM and SIGKILL. */
export const STOP_GRACE_S = 10;

export const MIB = 1024 * 1024;

/** Name of all objects of this hub that belong to no server. */
export function instanceName(instanceId: string, what: string): string {
  return `davit-${checkId(instanceId)}-${what}`;
}

/** The name of a server's pod: the same for all generations, so the cluster itself admits only one. */
export function podName(instanceId: string, serverId: string): string {
  return instanceName(instanceId, checkId(serverId));
}

/** The server of a pod of this name, undefined when it is none of this hub. */
export function serverOf(name: string, instanceId: string): string | undefined {
  return new RegExp(`^davit-${instanceId}-([a-z0-9]{12})$`).exec(name)?.[1];
}

/** Ids become parts of names and paths; nothing else may. */
function checkId(id: string): string {
  if (!/^[a-z0-9-]{1,40}$/.test(id)) throw new Error(`"${id}" is not an id.`);
  return id;
}
