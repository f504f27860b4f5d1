import type { KubeConfig } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../../../domains/images/index.ts';
import {
  AGENT_PORT,
  SpawnRefused,
  type Endpoint,
  type Inventory,
  type ObservedServer,
  type ServerRef,
  type ServerSpec,
  type Spawner,
} from '../../../domains/servers/spawner.ts';
import { systemClock } from '../../../platform/clock.ts';
import { messageOf } from '../../../platform/errors.ts';
import { Locks } from '../locks.ts';
import { refuseOlder } from '../refuseOlder.ts';
import { claimsOf } from './claims.ts';
import { Cluster, type KnownSecret } from './cluster.ts';
import { isGone, KubeError, plainError } from './errors.ts';
import { haveUserNamespaces, inventoryOf, readiness, reservations } from './inventory.ts';
import { KubeApi } from './kubeApi.ts';
import { networkPolicies } from './networkPolicies.ts';
import {
  generationOf,
  isCutOff,
  isOnItsWay,
  isOnUnknownNode,
  isUnclear,
  observedServer,
  podEndpoint,
  type Surroundings,
} from './observe.ts';
import { podSpec } from './podSpec.ts';
import { ClusterSaves } from './save/clusterSaves.ts';
import { Savers } from './save/savers.ts';
import { pullSecretName, pullSecretSpec } from './pullSecret.ts';
import { secretName, secretSpec } from './secretSpec.ts';
import { DEFAULT_WATCH_TIMING, placementOf, podName, type EnsureStep, type KubernetesSettings } from './settings.ts';
import { TokenReviewer } from './tokenReviewer.ts';
import { watchObjects } from './watch.ts';
import type { Event, Pod } from './wire.ts';

const LIST_MS = 15_000;
const ENSURE_MS = 55_000;
const REMOVE_MS = 40_000;
/** ensure() waits so long for the container to run; what takes longer goes on by itself and is told by list(). */
const RUN_MS = 20_000;
/** A pod that waits for something slow is left to itself after so long. */
const SLOW_MS = 3000;
const FIRST_POLL_MS = 100;
const MAX_POLL_MS = 1000;
/** Nodes change rarely, and one object of them is as large as many pods. */
const NODES_FRESH_MS = 5000;
/** The cluster may have left a call for nodes unanswered; the next one is another. */
const NODES_MS = 10_000;
/** Of more pods the events are asked for all together: the cluster reads all of a namespace for each call. */
const MAX_EVENTS = 20;
const EVENTS_MS = 5000;
const EVENTS_FRESH_MS = 2000;
const SWEEP_MS = 600_000;
const MAX_LOG_LINES = 2000;
const MAX_LINE = 4000;
const NO_SAVE =
  'Saving is not set up on this cluster: ask an admin for the image saver (imageSaver.enabled). Keep what you need in ~/work.';

type AboutNodes = Pick<Surroundings, 'nodes' | 'taints'>;

/** The spawner port on a Kubernetes cluster: a pod per server. */
export class KubernetesSpawner implements Spawner {
  readonly engine = 'kubernetes';
  readonly #settings: KubernetesSettings;
  readonly #api: KubeApi;
  readonly #cluster: Cluster;
  readonly #reviewer: TokenReviewer;
  readonly #savers: Savers | undefined;
  readonly #saves: ClusterSaves | undefined;
  readonly #locks = new Locks();
  readonly #watches = new Set<() => void>();
  #nodes: { at: number; known: Promise<AboutNodes> } | undefined;
  #sweptAt = 0;

  constructor(config: KubeConfig, settings: KubernetesSettings) {
    const { instanceId, cluster } = settings;
    const { namespace, serviceAccountName } = cluster;
    this.#settings = settings;
    this.#api = new KubeApi(config);
    this.#cluster = new Cluster(this.#api, instanceId, namespace);
    const api = this.#api;
    const { saver, log } = settings;
    if (saver !== undefined) {
      this.#savers = new Savers(api, saver);
      const [parts, clock] = [{ cluster: this.#cluster, savers: this.#savers }, systemClock];
      this.#saves = new ClusterSaves({ instanceId, settings: saver, clock, log, ...parts });
    }
    this.#reviewer = new TokenReviewer({ api, instanceId, namespace, serviceAccountName, clock: systemClock });
  }

  ensure(spec: ServerSpec, signal: AbortSignal): Promise<ServerRef> {
    return this.#locks.run(spec.serverId, () => this.#bounded(ENSURE_MS, signal, (bound) => this.#ensure(spec, bound)));
  }

  remove(ref: ServerRef, signal: AbortSignal): Promise<void> {
    return this.#locks.run(ref.serverId, () => this.#bounded(REMOVE_MS, signal, (bound) => this.#remove(ref, bound)));
  }

  list(signal: AbortSignal): Promise<ObservedServer[]> {
    return this.#bounded(LIST_MS, signal, async (bound) => {
      const pods = await this.#cluster.pods(bound);
      const around = await this.#surroundings(pods, bound);
      const events = await this.#eventsOf(pods.filter(isUnclear), bound);
      await this.#sweep(pods, bound);
      return pods.map((pod) => observedServer(pod, { ...around, events: events.get(pod.metadata?.uid ?? '') ?? [] }));
    });
  }

  watch(onHint: () => void): () => void {
    const { timing, log } = this.#settings;
    const { podsPath: path, selector: labelSelector } = this.#cluster;
    const full = { ...DEFAULT_WATCH_TIMING, ...timing };
    const end = watchObjects({ api: this.#api, path, labelSelector, timing: full, log, onHint });
    this.#watches.add(end);
    return () => {
      this.#watches.delete(end);
      end();
    };
  }

  identify(token: string, signal: AbortSignal): Promise<ServerRef | undefined> {
    return this.#bounded(LIST_MS, signal, (bound) => this.#reviewer.identify(token, bound));
  }

  logs(ref: ServerRef, tail: number, signal: AbortSignal): Promise<string[]> {
    return this.#bounded(LIST_MS, signal, async (bound) => {
      const pod = await this.#cluster.pod(ref.serverId, bound);
      if (pod?.metadata?.uid !== ref.engineId) return [];
      const name = podName(this.#settings.instanceId, ref.serverId);
      const text = await this.#cluster.logs(name, Math.min(tail, MAX_LOG_LINES), bound).catch(notStarted);
      const lines = text.split(/\r?\n/);
      if (lines.at(-1) === '') lines.pop();
      return lines.map((line) => (line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line));
    });
  }

  async endpoint(ref: ServerRef, port: number, signal: AbortSignal): Promise<Endpoint | undefined> {
    if (port !== AGENT_PORT) return undefined;
    return this.#bounded(LIST_MS, signal, async (bound) => {
      const pod = await this.#cluster.pod(ref.serverId, bound);
      return pod?.metadata?.uid === ref.engineId ? podEndpoint(pod) : undefined;
    });
  }

  inventory(signal: AbortSignal): Promise<Inventory> {
    return this.#bounded(LIST_MS, signal, async (bound) =>
      inventoryOf(await this.#cluster.nodes(bound), this.#settings.cluster),
    );
  }

  saveImage(ref: ServerRef, target: SaveTarget, options: SaveOptions): Promise<ImageLocation> {
    return this.#plainly(options.signal, () => this.#saving().save(ref, target, options));
  }

  async discardSave(target: Pick<SaveTarget, 'job' | 'ref'>, signal: AbortSignal): Promise<void> {
    await this.#plainly(signal, async () => this.#saves?.discard(target, signal));
  }

  async sweepSaves(active: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    await this.#plainly(signal, async () => this.#saves?.sweep(active, signal));
  }

  measureChanges(ref: ServerRef, scrub: readonly string[], signal: AbortSignal): Promise<SaveMeasure> {
    return this.#plainly(signal, () => this.#saving().measure(ref, scrub, signal));
  }

  async dispose(): Promise<void> {
    for (const end of this.#watches) end();
    this.#watches.clear();
    await this.#savers?.dispose();
    await this.#api.dispose();
  }

  async #ensure(spec: ServerSpec, signal: AbortSignal): Promise<ServerRef> {
    let pod = await this.#cluster.pod(spec.serverId, signal);
    refuseOlder(spec, pod && generationOf(pod));
    if (pod !== undefined && generationOf(pod) !== spec.generation) {
      await this.#remove(refOf(spec.serverId, pod), signal);
      pod = undefined;
    }
    if (pod !== undefined) {
      const around = await this.#surroundings([pod], signal);
      if (observedServer(pod, around).state === 'exited') return refOf(spec.serverId, pod);
    }
    const made = await this.#create(spec, signal, pod);
    const ref = refOf(spec.serverId, made);
    await this.#untilRunning(ref, signal);
    return ref;
  }

  /** All that a pod needs first, then the pod; what is there already is left or put right. */
  async #create(spec: ServerSpec, signal: AbortSignal, present: Pod | undefined): Promise<Pod> {
    const { instanceId, cluster } = this.#settings;
    // Checked before anything is made.
    const body = podSpec(spec, { ...this.#settings, ownUsers: await this.#hasOwnUsers(spec, signal) });
    await this.#cluster.applyPolicies(networkPolicies(instanceId, cluster), signal);
    await this.#applyPullSecret(signal);
    await this.#cluster.ensureClaims(claimsOf(spec, instanceId, cluster.storage), signal);
    if (present === undefined) await this.#cluster.applySecret(secretSpec(spec, instanceId), signal);
    this.#step('prepare');
    const pod = present ?? (await this.#cluster.createPod(spec.serverId, body, signal));
    // One that is there already is taken over only when it is the one that was to be made: another hub may have been first.
    refuseOlder(spec, generationOf(pod));
    if (generationOf(pod) !== spec.generation || (present === undefined && isBeingDeleted(pod))) {
      throw new Error('An earlier pod of this server has to go first.');
    }
    this.#step('create');
    const owner = { name: podName(instanceId, spec.serverId), uid: pod.metadata?.uid ?? '' };
    await this.#cluster.applySecret(secretSpec(spec, instanceId, owner), signal);
    return pod;
  }

  /** Until it runs, has ended, or waits for something that may take minutes. */
  async #untilRunning(ref: ServerRef, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 1.5, MAX_POLL_MS)) {
      const pod = await this.#cluster.pod(ref.serverId, signal);
      if (pod?.metadata?.uid !== ref.engineId) throw new Error('The pod disappeared while it was being started.');
      const seen = observedServer(pod, await this.#surroundings([pod], signal));
      if (seen.state === 'exited' && seen.startedAt === undefined && seen.reason !== undefined) {
        await this.#remove(ref, signal);
        throw new SpawnRefused(seen.reason.message);
      }
      if (seen.state !== 'created') break;
      const waited = performance.now() - began;
      if (waited > RUN_MS || (waited > SLOW_MS && !isOnItsWay(pod))) return;
      await sleep(wait, undefined, { signal });
    }
    this.#step('run');
  }

  /** A pod on a machine that does not answer is not gone before the machine says so, or is taken out of the cluster. */
  async #remove(ref: ServerRef, signal: AbortSignal): Promise<void> {
    for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 1.5, MAX_POLL_MS)) {
      if (await this.#cluster.removePod(ref, signal)) return;
      const pod = await this.#cluster.pod(ref.serverId, signal);
      if (pod?.metadata?.uid !== ref.engineId) return;
      if (isCutOff(pod, (await this.#surroundings([pod], signal)).nodes)) {
        throw new Error(
          `The machine ${pod.spec?.nodeName} does not answer: whether the server has ended is not known.`,
        );
      }
      await sleep(wait, undefined, { signal });
    }
  }

  /** Of a machine whose layers belong to shifted users the image saver cannot take any. */
  async #hasOwnUsers({ placement }: ServerSpec, signal: AbortSignal): Promise<boolean> {
    const { cluster, saver } = this.#settings;
    if (cluster.userNamespaces !== 'auto') return cluster.userNamespaces === 'on';
    const { runtimeClassName } = placement ?? placementOf(cluster);
    return saver === undefined && haveUserNamespaces(await this.#cluster.nodes(signal), runtimeClassName !== null);
  }

  /** What is around these pods. A machine may have joined since the nodes were listed: one that is missing is looked for anew. */
  async #surroundings(pods: readonly Pod[], signal: AbortSignal): Promise<Surroundings> {
    let about = await this.#knownNodes(NODES_FRESH_MS);
    if (pods.some((pod) => isOnUnknownNode(pod, about.nodes))) about = await this.#knownNodes(0);
    signal.throwIfAborted();
    const { diskLimitMb, cluster } = this.#settings;
    return { ...about, gpus: cluster.gpus, diskLimitMb };
  }

  /** Asked for once for all who want to know at the same time. */
  #knownNodes(maxAgeMs: number): Promise<AboutNodes> {
    const now = performance.now();
    if (this.#nodes === undefined || now - this.#nodes.at >= maxAgeMs) {
      this.#nodes = { at: now, known: this.#aboutNodes() };
    }
    return this.#nodes.known;
  }

  /** Without the right to see nodes, or while they cannot be listed, nothing is said of them. */
  async #aboutNodes(): Promise<AboutNodes> {
    try {
      const nodes = await this.#cluster.nodes(AbortSignal.timeout(NODES_MS));
      return { nodes: readiness(nodes), taints: reservations(nodes) };
    } catch (error) {
      this.#settings.log.warn({ error: messageOf(error) }, 'the nodes cannot be listed');
      return { nodes: undefined, taints: [] };
    }
  }

  /** Events of pods by their uids; without them the reason is a general one. */
  async #eventsOf(pods: readonly Pod[], signal: AbortSignal): Promise<ReadonlyMap<string, Event[]>> {
    const old = pods.filter((pod) => Date.now() - Date.parse(pod.metadata?.creationTimestamp ?? '') > EVENTS_FRESH_MS);
    const bound = AbortSignal.any([signal, AbortSignal.timeout(EVENTS_MS)]);
    if (old.length > MAX_EVENTS) {
      const all = await this.#cluster.podEvents(bound).catch(() => []);
      return Map.groupBy(all, (event) => event.involvedObject.uid ?? '');
    }
    const uids = old.map((pod) => pod.metadata?.uid ?? '');
    return new Map(
      await Promise.all(
        uids.map(async (uid) => [uid, await this.#cluster.eventsOf(uid, bound).catch(() => [])] as const),
      ),
    );
  }

  /** Written again and again, because the credential changes as time goes by, and somebody may have changed the secret. */
  async #applyPullSecret(signal: AbortSignal): Promise<void> {
    const { instanceId, registry } = this.#settings;
    if (registry === undefined) return;
    const { host, credential } = registry;
    await this.#cluster.applySecret(pullSecretSpec(instanceId, { host, ...credential() }), signal);
  }

  /** Secrets whose pod was never made have no owner that takes them along. */
  async #sweep(pods: readonly Pod[], signal: AbortSignal): Promise<void> {
    if (Date.now() - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = Date.now();
    const { instanceId, log } = this.#settings;
    const wanted = new Set(pods.map((pod) => secretName(instanceId, serverIdOf(pod), generationOf(pod))));
    wanted.add(pullSecretName(instanceId));
    try {
      await this.#applyPullSecret(signal);
      for (const secret of await this.#cluster.secrets(signal)) {
        const isOld = Date.now() - secret.createdAt.getTime() > SWEEP_MS;
        if (isOld && !wanted.has(secret.name)) await this.#removeUnused(secret, signal);
      }
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'old secrets stay');
    }
  }

  /**
   * The server may be started meanwhile, here or by another hub. That is seen by its pod, or by the secret, which is given
   * to the pod right after that was made: then the pod's secret is made anew, or it is not the one any more that was listed.
   */
  async #removeUnused(secret: KnownSecret, signal: AbortSignal): Promise<void> {
    const { serverId, name } = secret;
    if (serverId === undefined) return this.#cluster.removeSecret(secret, signal);
    // Whoever looks at servers does not wait for one that is being started.
    if (this.#locks.held().includes(serverId)) return;
    await this.#locks.run(serverId, async () => {
      const pod = await this.#cluster.pod(serverId, signal);
      const isUsed = pod !== undefined && secretName(this.#settings.instanceId, serverId, generationOf(pod)) === name;
      if (!isUsed) await this.#cluster.removeSecret(secret, signal);
    });
  }

  #step(step: EnsureStep): void {
    this.#settings.onStep?.(step);
  }

  #saving(): ClusterSaves {
    if (this.#saves === undefined) throw new SpawnRefused(NO_SAVE);
    return this.#saves;
  }

  /** Runs a call within `ms`, and tells its failure in plain words. */
  #bounded<T>(ms: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#plainly(signal, () => work(AbortSignal.any([signal, AbortSignal.timeout(ms)])));
  }

  async #plainly<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      const plain = plainError(error);
      if (plain instanceof SpawnRefused) this.#settings.log.warn({ error: messageOf(error) }, 'the cluster refused');
      throw plain;
    }
  }
}

function refOf(serverId: string, pod: Pod): ServerRef {
  return { serverId, engineId: pod.metadata?.uid ?? '' };
}

function isBeingDeleted({ metadata }: Pod): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

function serverIdOf(pod: Pod): string {
  return pod.metadata?.labels?.['davit.server'] ?? '';
}

/** A container that does not run yet has no log. */
function notStarted(error: unknown): string {
  if (isGone(error) || (error instanceof KubeError && error.status === 400)) return '';
  throw error;
}
