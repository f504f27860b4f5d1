import { AGENT_PORT, SpawnRefused, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { environment } from '../environment.ts';
import { dataVolumes } from './claims.ts';
import { pullSecretName } from './pullSecret.ts';
import { secretName } from './secretSpec.ts';
import {
  AUDIENCE,
  CONTAINER,
  CONTAINER_UID,
  FINALIZER,
  LABEL,
  STOP_GRACE_S,
  placementOf,
  podName,
  type ClusterSettings,
} from './settings.ts';
import type { Container, Pod, PodSpec, Volume, VolumeMount } from './wire.ts';

/** Seconds until a pod's token ends; the kubelet replaces it in time. */
const TOKEN_S = 3600;
/** What a server usually writes outside of /data. */
const DISK_REQUEST_MB = 512;
/** More than asked for, and less promised, when resources float. */
const FLOAT = { request: 0.5, limit: 2 };

export interface PodSettings {
  instanceId: string;
  cluster: ClusterSettings;
  diskLimitMb: number;
  /** There is a secret for the registry. */
  registry?: object | undefined;
  /** The pod gets users of its own. */
  ownUsers: boolean;
}

/** The pod of a server, as the API takes it. Only what is written here is in it. */
export function podSpec(spec: ServerSpec, settings: PodSettings): Pod {
  const { instanceId, cluster } = settings;
  const data = dataVolumes(spec, instanceId, cluster.storage);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(instanceId, spec.serverId),
      labels: {
        [LABEL.instance]: instanceId,
        [LABEL.server]: spec.serverId,
        [LABEL.owner]: spec.ownerId,
        [LABEL.generation]: String(spec.generation),
      },
      finalizers: [FINALIZER],
    },
    spec: {
      hostname: spec.serverId,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: STOP_GRACE_S,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      serviceAccountName: cluster.serviceAccountName,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: CONTAINER_UID,
        runAsGroup: CONTAINER_UID,
        fsGroup: CONTAINER_UID,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...placement(spec, settings),
      ...affinity(spec, settings),
      containers: [container(spec, settings, data.mounts)],
      volumes: [...data.volumes, davitVolume(spec, instanceId), memoryVolume(spec, cluster)],
    },
  };
}

/** The image by its content: a tag may be moved meanwhile. */
export function imageReference({ ref, digest }: ServerSpec['image']): string {
  const [tagged = ''] = ref.split('@');
  return `${tagged.replace(/:[^:/]+$/, '')}@${digest}`;
}

function affinity(spec: ServerSpec, settings: PodSettings): Partial<PodSpec> {
  const wishes = { ...nearOwnServers(spec, settings), ...nearItsCards(spec) };
  return Object.keys(wishes).length === 0 ? {} : { affinity: wishes };
}

/**
 * The machine whose cards the hub counted for it: were pods spread otherwise, two single cards could be free on two
 * machines where the hub's books have both on one. A wish and no demand, because a machine with the cards may lack CPU or
 * memory, which the hub counts over all machines; the server then runs where the cluster finds everything.
 */
function nearItsCards({ gpuIds }: ServerSpec): NonNullable<PodSpec['affinity']> {
  const [node] = gpuIds[0]?.split('/') ?? [];
  if (node === undefined) return {};
  const preference = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] } };
}

/**
 * Where a volume is written by one machine at a time, all servers of a person go to the same one: on another the pod
 * would hold its resources and wait for the volume, maybe for days. The cluster lets the first one choose.
 */
function nearOwnServers(spec: ServerSpec, { cluster, instanceId }: PodSettings): NonNullable<PodSpec['affinity']> {
  if (cluster.storage.accessMode !== 'ReadWriteOnce') return {};
  const matchLabels = { [LABEL.instance]: instanceId, [LABEL.owner]: spec.ownerId };
  const near = { labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' };
  return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } };
}

/** Field by field: whatever else were in a stored placement, it is not in the pod. */
function placement(spec: ServerSpec, { cluster, registry, instanceId, ownUsers }: PodSettings): Partial<PodSpec> {
  const given = spec.placement ?? placementOf(cluster);
  const { nodeSelector, tolerations, priorityClassName, runtimeClassName } = given;
  const pullSecrets = [...(registry === undefined ? [] : [pullSecretName(instanceId)]), ...given.imagePullSecrets];
  return {
    tolerations: [
      // For ever: a machine that is cut off or restarted for a while must not cost people their work. What it ran is
      // granted to nobody else before the machine answers or is taken out of the cluster.
      ...['not-ready', 'unreachable'].map((what) => ({
        key: `node.kubernetes.io/${what}`,
        operator: 'Exists',
        effect: 'NoExecute',
      })),
      ...tolerations.map(({ key, value, effect }) => ({
        key,
        operator: value === undefined ? 'Exists' : 'Equal',
        ...(value === undefined ? {} : { value }),
        ...(effect === undefined ? {} : { effect }),
      })),
    ],
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(priorityClassName === null ? {} : { priorityClassName }),
    ...(runtimeClassName === null ? {} : { runtimeClassName }),
    ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
    ...(ownUsers ? { hostUsers: false } : {}),
  };
}

function container(spec: ServerSpec, settings: PodSettings, mounts: VolumeMount[]): Container {
  return {
    name: CONTAINER,
    image: imageReference(spec.image),
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: 'agent', containerPort: AGENT_PORT, protocol: 'TCP' }],
    env: variables(spec, settings.cluster),
    resources: resources(spec, settings),
    securityContext: privileges(spec.launch?.sudo ?? false),
    volumeMounts: [
      ...mounts,
      { name: 'davit', mountPath: '/run/davit', readOnly: true },
      { name: 'shm', mountPath: '/dev/shm' },
    ],
  };
}

/** What processes may gain: nothing; with sudo, what runtimes give a container's root less devices and raw packets. */
function privileges(sudo: boolean): NonNullable<Container['securityContext']> {
  if (sudo) return { allowPrivilegeEscalation: true, capabilities: { drop: ['NET_RAW', 'MKNOD'] } };
  return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
}

function resources(spec: ServerSpec, { cluster, diskLimitMb }: PodSettings): NonNullable<Container['resources']> {
  const { request, limit } = cluster.floating ? FLOAT : { request: 1, limit: 1 };
  const amounts = (factor: number) => ({
    cpu: `${Math.round(spec.resources.cpu * factor * 1000)}m`,
    memory: `${Math.round(spec.resources.memoryMb * factor)}Mi`,
  });
  // Without a request of its own a limit is the request too, and a few servers would book a machine's whole disk.
  const disk = (mb: number): Record<string, string> =>
    diskLimitMb > 0 ? { 'ephemeral-storage': `${Math.min(mb, diskLimitMb)}Mi` } : {};
  const gpus = gpuAmounts(spec.gpuIds, cluster.gpus);
  return {
    requests: { ...amounts(request), ...disk(DISK_REQUEST_MB), ...gpus },
    limits: { ...amounts(limit), ...disk(Infinity), ...gpus },
  };
}

/** Cards are named `<node>/<number>/<resource>`; which of a node's cards it is, the node's device plugin decides. */
function gpuAmounts(gpuIds: readonly string[], known: Record<string, string>): Record<string, string> {
  const counts: Record<string, number> = {};
  for (const id of gpuIds) {
    const resource = id.split('/').slice(2).join('/');
    if (!(resource in known)) throw new SpawnRefused(`The GPU ${id} is not in this cluster any more. Start again.`);
    counts[resource] = (counts[resource] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).map(([resource, count]) => [resource, String(count)]));
}

/** `secret`, `go` and the pod's own `token`, in memory and in one directory, so that a new token is seen. */
function davitVolume(spec: ServerSpec, instanceId: string): Volume {
  const name = secretName(instanceId, spec.serverId, spec.generation);
  const items = ['secret', 'go'].map((key) => ({ key, path: key }));
  return {
    name: 'davit',
    projected: {
      defaultMode: 0o440,
      sources: [
        { secret: { name, items } },
        { serviceAccountToken: { audience: AUDIENCE, expirationSeconds: TOKEN_S, path: 'token' } },
      ],
    },
  };
}

/** Counted as the container's memory. The default of 64 MB breaks browsers and parallel data loaders. */
function memoryVolume(spec: ServerSpec, cluster: ClusterSettings): Volume {
  return { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: `${Math.round(limitMb(spec, cluster) / 2)}Mi` } };
}

function limitMb(spec: ServerSpec, { floating }: ClusterSettings): number {
  return Math.round(spec.resources.memoryMb * (floating ? FLOAT.limit : 1));
}

/** The cluster would fill in $(NAME) from other variables; doubled, the dollar is one. */
function variables(spec: ServerSpec, cluster: ClusterSettings): { name: string; value: string }[] {
  const all = environment(spec, { memoryMb: limitMb(spec, cluster), apiUrl: cluster.apiUrl });
  return Object.entries(all).map(([name, value]) => ({ name, value: value.replaceAll('$(', '$$$$(') }));
}
