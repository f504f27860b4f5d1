import type {
  CoreV1Event,
  V1Node,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1Status,
  V1TokenReview,
} from '@kubernetes/client-node';

/** A type of the client library as it crosses the wire: times are text there. */
type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;

export type Pod = Wire<V1Pod>;
export type PodSpec = NonNullable<Pod['spec']>;
export type Container = PodSpec['containers'][number];
export type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];
export type Volume = NonNullable<PodSpec['volumes']>[number];
export type VolumeMount = NonNullable<Container['volumeMounts']>[number];
export type Node = Wire<V1Node>;
export type Claim = Wire<V1PersistentVolumeClaim>;
export type Secret = Wire<V1Secret>;
export type Event = Wire<CoreV1Event>;
export type Status = Wire<V1Status>;
export type TokenReview = Wire<V1TokenReview>;

/** A list of objects; `continue` names the next page. */
export interface List<T> {
  metadata?: { resourceVersion?: string; continue?: string };
  items: T[];
}

/** One line of a watch. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: { metadata?: { resourceVersion?: string }; code?: number; message?: string };
}

interface Selector {
  matchLabels?: Record<string, string>;
}

export interface NetworkPeer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

interface NetworkPort {
  protocol: string;
  port: number;
}

/** Written out: the library calls `from` otherwise. */
export interface NetworkPolicy {
  apiVersion: 'networking.k8s.io/v1';
  kind: 'NetworkPolicy';
  metadata: { name: string; labels: Record<string, string> };
  spec: {
    podSelector: Selector;
    policyTypes: ('Ingress' | 'Egress')[];
    ingress: { from: NetworkPeer[]; ports?: NetworkPort[] }[];
    /** Without `to`: everywhere. */
    egress: { to?: NetworkPeer[]; ports?: NetworkPort[] }[];
  };
}
