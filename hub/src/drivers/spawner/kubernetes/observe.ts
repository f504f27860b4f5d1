import type { Reason, Toleration } from '@davit/contract';
import {
  AGENT_PORT,
  tolerates,
  type Endpoint,
  type ObservedServer,
  type Taint,
} from '../../../domains/servers/spawner.ts';
import { CONTAINER, LABEL } from './settings.ts';
import type { ContainerStatus, Event, Pod } from './wire.ts';
import * as words from './words.ts';

/** What is known besides a pod itself. */
export interface Surroundings {
  /** Whether each node answers; undefined when that is not known. */
  nodes: ReadonlyMap<string, boolean> | undefined;
  /** Taints of the nodes that keep servers off, but for the cluster's own. */
  taints: readonly Taint[];
  /** GPU resources and what people call them. */
  gpus: Record<string, string>;
  diskLimitMb: number;
  /** The cluster's newest events of this pod, as far as they were asked for. */
  events?: readonly Event[];
}

/** A pull that fails for what the registry says of the image, and not because of the way to it. */
const IMAGE_MISSING = /not found|manifest unknown|name unknown|InvalidImageName|invalid reference/i;
const PULL_FAILS = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName']);
const NEVER_RAN = new Set(['StartError', 'ContainerCannotRun']);

/** What list() tells of a pod. `exited` too when its container can never start. */
export function observedServer(pod: Pod, around: Surroundings): ObservedServer {
  const state = containerOf(pod)?.state;
  const known = identityOf(pod);
  const end = endOf(pod, around);
  if (end !== undefined) return { ...known, ...endingOf(pod), ...asReason(end.reason) };
  if (state?.running !== undefined) return { ...known, state: 'running', ...asReason(silentNode(pod, around)) };
  return { ...known, state: 'created', reason: waitingFor(pod, around) };
}

function identityOf(pod: Pod) {
  const { labels = {}, uid: engineId = '', creationTimestamp } = pod.metadata ?? {};
  const state = containerOf(pod)?.state;
  return {
    ref: { serverId: labels[LABEL.server] ?? '', engineId },
    ownerId: labels[LABEL.owner] ?? '',
    generation: generationOf(pod),
    createdAt: time(creationTimestamp),
    startedAt: time(state?.running?.startedAt ?? state?.terminated?.startedAt),
  };
}

function endingOf(pod: Pod): Pick<ObservedServer, 'state' | 'exitCode' | 'outOfMemory' | 'finishedAt'> {
  const ended = containerOf(pod)?.state?.terminated;
  const finishedAt = time(ended?.finishedAt ?? pod.metadata?.deletionTimestamp) ?? disruption(pod)?.at;
  return { state: 'exited', exitCode: ended?.exitCode, outOfMemory: ended?.reason === 'OOMKilled', finishedAt };
}

/** The generation a pod was made for; -1 when its label is not a number. */
export function generationOf(pod: Pod): number {
  const label = pod.metadata?.labels?.[LABEL.generation] ?? '';
  return /^\d+$/.test(label) ? Number(label) : -1;
}

/** Where the agent's port is reached while the container runs. */
export function podEndpoint(pod: Pod): Endpoint | undefined {
  const host = pod.status?.podIP;
  const running = containerOf(pod)?.state?.running !== undefined;
  return running && host !== undefined && host !== '' ? { host, port: AGENT_PORT } : undefined;
}

/** Whether the machine of a pod is known not to answer: what runs there cannot be ended for sure. */
export function isCutOff(pod: Pod, nodes: Surroundings['nodes']): boolean {
  return nodes?.get(pod.spec?.nodeName ?? '') === false;
}

/** Whether a pod was given to a machine that `nodes` does not have. */
export function isOnUnknownNode(pod: Pod, nodes: Surroundings['nodes']): boolean {
  const node = pod.spec?.nodeName;
  return node !== undefined && nodes !== undefined && !nodes.has(node);
}

/** Whether a pod is on its way on a machine. */
export function isOnItsWay(pod: Pod): boolean {
  return pod.status?.phase === 'Pending' && pod.spec?.nodeName !== undefined;
}

/** Whether events would tell more: why it does not run yet, or whether its machine ended it. */
export function isUnclear(pod: Pod): boolean {
  return isOnItsWay(pod) || containerOf(pod)?.state?.terminated !== undefined;
}

function containerOf(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find((status) => status.name === CONTAINER);
}

/** Whether it is over, and the reason where it is more than an exit code. */
function endOf(pod: Pod, around: Surroundings): { reason: Reason | undefined } | undefined {
  return evictionOf(pod, around) ?? ownEndOf(pod) ?? lossOf(pod, around) ?? imageLack(pod);
}

/** A server that ends as it should when it is told to has then succeeded for the kubelet, and only the event tells why. */
function evictionOf(pod: Pod, { diskLimitMb, events = [] }: Surroundings) {
  const { phase, reason, message = '' } = pod.status ?? {};
  if (phase === 'Failed' && reason === 'Evicted') return { reason: words.evicted(message, diskLimitMb) };
  const ended = containerOf(pod)?.state?.terminated !== undefined;
  const evicted = ended ? events.find((event) => event.reason === 'Evicted') : undefined;
  return evicted === undefined ? undefined : { reason: words.evicted(evicted.message ?? '', diskLimitMb) };
}

/** The container's own end; a cluster that ended it says so beside. */
function ownEndOf(pod: Pod): { reason: Reason | undefined } | undefined {
  const ended = containerOf(pod)?.state?.terminated;
  if (ended === undefined) return undefined;
  if (NEVER_RAN.has(ended.reason ?? '')) return { reason: words.cannotRun(ended.message ?? '') };
  const by = ended.reason === 'OOMKilled' ? undefined : disruption(pod);
  return { reason: by === undefined ? undefined : words.disrupted(by.why) };
}

/** The end of a pod whose container no machine tells of. */
function lossOf(pod: Pod, { nodes }: Surroundings): { reason: Reason } | undefined {
  const { phase, reason: why = '', message = '' } = pod.status ?? {};
  const node = pod.spec?.nodeName ?? '';
  if (isOnUnknownNode(pod, nodes)) return { reason: words.nodeGone(node) };
  if (phase === 'Failed' || phase === 'Succeeded') {
    const by = disruption(pod);
    return { reason: by === undefined ? words.notTaken(why, message) : words.disrupted(by.why) };
  }
  // Deleted by somebody before it was given to a machine: no kubelet will write an end.
  const isDropped = pod.metadata?.deletionTimestamp !== undefined && node === '';
  return isDropped ? { reason: words.disrupted('') } : undefined;
}

function imageLack(pod: Pod): { reason: Reason } | undefined {
  const { reason: waits = '', message = '' } = containerOf(pod)?.state?.waiting ?? {};
  return PULL_FAILS.has(waits) && IMAGE_MISSING.test(`${waits} ${message}`)
    ? { reason: words.imageMissing() }
    : undefined;
}

function silentNode(pod: Pod, { nodes }: Surroundings): Reason | undefined {
  return isCutOff(pod, nodes) ? words.nodeSilent(pod.spec?.nodeName ?? '') : undefined;
}

function waitingFor(pod: Pod, around: Surroundings): Reason {
  const node = pod.spec?.nodeName;
  if (node !== undefined) return silentNode(pod, around) ?? stepOn(node, pod, around);
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False'
    ? words.unschedulable(scheduled.message ?? '', around.gpus, pod.spec?.nodeSelector ?? {}, reservedFor(pod, around))
    : words.creating();
}

/** Taints that this pod does not tolerate, as `key=value`. */
function reservedFor(pod: Pod, { taints }: Surroundings): string[] {
  const tolerated = (pod.spec?.tolerations ?? []) as Toleration[];
  return taints
    .filter((taint) => !tolerated.some((one) => tolerates(one, taint)))
    .map(({ key, value = '' }) => `${key}=${value}`);
}

/** What a machine does to start a pod. */
function stepOn(node: string, pod: Pod, { events = [] }: Surroundings): Reason {
  const { reason: waits = '', message = '' } = containerOf(pod)?.state?.waiting ?? {};
  if (PULL_FAILS.has(waits)) return words.pullFails(node, message);
  if (waits === 'CreateContainerConfigError' || waits === 'CreateContainerError') return words.setupFails(message);
  return fromEvents(node, events) ?? words.creating();
}

/** The newest event decides: each step that follows a failure writes another one. */
function fromEvents(node: string, events: readonly Event[]): Reason | undefined {
  const newest = [...events].sort((a, b) => timeOf(b) - timeOf(a))[0];
  const message = newest?.message ?? '';
  if (newest?.reason === 'Pulling') return words.pulling(node);
  if (newest?.reason === 'FailedMount' || newest?.reason === 'FailedAttachVolume') return words.mounting(message);
  return newest?.reason === 'FailedCreatePodSandBox' ? words.setupFails(message) : undefined;
}

function timeOf(event: Event): number {
  return (time(event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp) ?? new Date(0)).getTime();
}

/** The cluster's own mark on a pod that it ends. */
function disruption(pod: Pod): { why: string; at: Date | undefined } | undefined {
  const found = pod.status?.conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
  return found === undefined ? undefined : { why: found.reason ?? '', at: time(found.lastTransitionTime) };
}

function asReason(reason: Reason | undefined): { reason?: Reason } {
  return reason === undefined ? {} : { reason };
}

function time(text: string | undefined | null): Date | undefined {
  return text === undefined || text === null ? undefined : new Date(text);
}
