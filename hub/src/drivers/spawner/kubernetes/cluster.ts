import type { ServerRef } from '../../../domains/servers/spawner.ts';
import { isExpired, isGone, isTaken, KubeError } from './errors.ts';
import type { KubeApi } from './kubeApi.ts';
import { FINALIZER, LABEL, STOP_GRACE_S, podName } from './settings.ts';
import type { Claim, Event, List, NetworkPolicy, Node, Pod, Secret } from './wire.ts';

const PAGE = 500;
const FIELD_MANAGER = 'davit';
const APPLY = 'application/apply-patch+yaml';

/** What is said of a secret without what is in it. */
export interface KnownSecret {
  name: string;
  /** Undefined: it belongs to no server. */
  serverId: string | undefined;
  resourceVersion: string;
  createdAt: Date;
}

/** The objects of one hub in its namespace. Each method is one intent; all are idempotent. */
export class Cluster {
  readonly #api: KubeApi;
  readonly #instanceId: string;
  readonly #namespace: string;

  constructor(api: KubeApi, instanceId: string, namespace: string) {
    this.#api = api;
    this.#instanceId = instanceId;
    this.#namespace = namespace;
  }

  /** Where pods are listed and watched. */
  get podsPath(): string {
    return this.#path('pods');
  }

  /** Selects all objects of this hub. */
  get selector(): string {
    return `${LABEL.instance}=${this.#instanceId}`;
  }

  async pods(signal: AbortSignal): Promise<Pod[]> {
    return this.#list<Pod>(this.podsPath, signal);
  }

  /** The server's pod, whatever its generation. */
  async pod(serverId: string, signal: AbortSignal): Promise<Pod | undefined> {
    return this.#get<Pod>(`${this.podsPath}/${podName(this.#instanceId, serverId)}`, signal);
  }

  /** Makes a pod; one of that name that is there already is answered as it is. */
  async createPod(serverId: string, body: Pod, signal: AbortSignal): Promise<Pod> {
    try {
      return await this.#api.call<Pod>('POST', this.podsPath, { body, signal });
    } catch (error) {
      const present = isTaken(error) ? await this.pod(serverId, signal) : undefined;
      if (present === undefined) throw error;
      return present;
    }
  }

  /** Lets a pod end and go: asks for its end, and takes off what kept it. True when it is gone. */
  async removePod({ serverId, engineId: uid }: ServerRef, signal: AbortSignal): Promise<boolean> {
    const pod = await this.pod(serverId, signal);
    if (pod?.metadata?.uid !== uid) return true;
    const path = `${this.podsPath}/${podName(this.#instanceId, serverId)}`;
    if (pod.metadata.deletionTimestamp === undefined) {
      const body = { gracePeriodSeconds: STOP_GRACE_S, preconditions: { uid } };
      await this.#api.call('DELETE', path, { body, signal }).catch(ignoreGoneOrOther);
    }
    const finalizers = pod.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) return false;
    // With the uid, so that the finalizer of a later pod of this name stays.
    const metadata = { uid, finalizers: finalizers.filter((one) => one !== FINALIZER) };
    await this.#api
      .call('PATCH', path, { body: { metadata }, contentType: 'application/merge-patch+json', signal })
      .catch(ignoreGoneOrOther);
    return false;
  }

  /** Makes what is missing of these claims. One that is there stays: a claim cannot be changed, and holds files. */
  async ensureClaims(claims: readonly Claim[], signal: AbortSignal): Promise<void> {
    const path = this.#path('persistentvolumeclaims');
    for (const body of claims) {
      if ((await this.#get(`${path}/${body.metadata?.name}`, signal)) !== undefined) continue;
      await this.#api.call('POST', path, { body, signal }).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
    }
  }

  async applyPolicies(policies: readonly NetworkPolicy[], signal: AbortSignal): Promise<void> {
    const path = `/apis/networking.k8s.io/v1/namespaces/${this.#namespace}/networkpolicies`;
    await Promise.all(policies.map((body) => this.#apply(`${path}/${body.metadata.name}`, body, signal)));
  }

  async applySecret(body: Secret, signal: AbortSignal): Promise<void> {
    await this.#apply(`${this.#path('secrets')}/${body.metadata?.name}`, body, signal);
  }

  async secrets(signal: AbortSignal): Promise<KnownSecret[]> {
    const secrets = await this.#list<Secret>(this.#path('secrets'), signal);
    return secrets.map(({ metadata }) => ({
      name: metadata?.name ?? '',
      serverId: metadata?.labels?.[LABEL.server],
      resourceVersion: metadata?.resourceVersion ?? '',
      createdAt: new Date(metadata?.creationTimestamp ?? 0),
    }));
  }

  /** Removes a secret that nobody has changed since it was listed. */
  async removeSecret({ name, resourceVersion }: KnownSecret, signal: AbortSignal): Promise<void> {
    const body = { preconditions: { resourceVersion } };
    await this.#api.call('DELETE', `${this.#path('secrets')}/${name}`, { body, signal }).catch(ignoreGoneOrOther);
  }

  /** Events that the cluster keeps of one pod. */
  async eventsOf(uid: string, signal: AbortSignal): Promise<Event[]> {
    const query = { fieldSelector: `involvedObject.uid=${uid}`, limit: 50 };
    return (await this.#api.call<List<Event>>('GET', this.#path('events'), { query, signal })).items;
  }

  /** Events that the cluster keeps of all pods of the namespace. */
  async podEvents(signal: AbortSignal): Promise<Event[]> {
    return this.#pages<Event>(this.#path('events'), { fieldSelector: 'involvedObject.kind=Pod' }, signal);
  }

  async nodes(signal: AbortSignal): Promise<Node[]> {
    return this.#pages<Node>('/api/v1/nodes', {}, signal);
  }

  async logs(name: string, tailLines: number, signal: AbortSignal): Promise<string> {
    const query = { tailLines, limitBytes: 8_000_000 };
    return this.#api.text('GET', `${this.podsPath}/${name}/log`, { query, signal });
  }

  async #list<T>(path: string, signal: AbortSignal): Promise<T[]> {
    return this.#pages<T>(path, { labelSelector: this.selector }, signal);
  }

  /** All pages of a list; from the beginning again when a later page is gone, for what is missing would count as ended. */
  async #pages<T>(path: string, query: Record<string, string>, signal: AbortSignal): Promise<T[]> {
    let items: T[] = [];
    let next: string | undefined;
    for (;;) {
      signal.throwIfAborted();
      const options = { query: { ...query, limit: PAGE, continue: next }, signal };
      const page = await this.#api.call<List<T>>('GET', path, options).catch((error: unknown) => {
        if (!isExpired(error) || next === undefined) throw error;
        return undefined;
      });
      items = page === undefined ? [] : [...items, ...page.items];
      next = page?.metadata?.continue;
      if (page !== undefined && (next === undefined || next === '')) return items;
    }
  }

  async #get<T>(path: string, signal: AbortSignal): Promise<T | undefined> {
    return this.#api.call<T>('GET', path, { signal }).catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    });
  }

  /** Makes an object be as it is written here, whoever changed it (server-side apply). */
  async #apply(path: string, body: unknown, signal: AbortSignal): Promise<void> {
    const query = { fieldManager: FIELD_MANAGER, force: true };
    await this.#api.call('PATCH', path, { query, body, contentType: APPLY, signal });
  }

  #path(resource: string): string {
    return `/api/v1/namespaces/${this.#namespace}/${resource}`;
  }
}

/** Gone already, or of that name another object is there: nothing is left to do to this one. */
function ignoreGoneOrOther(error: unknown): void {
  if (!(error instanceof KubeError) || (error.status !== 404 && error.status !== 409)) throw error;
}
