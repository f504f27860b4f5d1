import { createInterface } from 'node:readline';
import {
  SAVER_BEAT_MS,
  SAVER_ISSUER,
  SAVER_PATH,
  SAVER_REQUEST_SECONDS,
  saverAudience,
  saverEventSchema,
  saverProblemSchema,
  type SaverEvent,
  type SaverRequest,
} from '@davit/oci';
import { Agent, request, type Dispatcher } from 'undici';
import { SpawnRefused } from '../../../../domains/servers/spawner.ts';
import type { KubeApi } from '../kubeApi.ts';
import type { List, Pod } from '../wire.ts';
import type { SaverSettings } from './settings.ts';

/** The saver of one node, as it can be asked now. */
export interface SaverPlace {
  node: string;
  /** `http://address:port`; undefined while it does not run. */
  url: string | undefined;
}

const CONNECT_MS = 5000;
/** A saver that is silent for so long is dead, or its node is. */
const SILENT_MS = 3 * SAVER_BEAT_MS;
/** Before a save begins, one of an earlier hub may have to end. */
const ANSWER_MS = 60_000;

/** Asks the image savers, each by what only it takes. */
export class Savers {
  readonly #api: KubeApi;
  readonly #settings: SaverSettings;
  readonly #agent = new Agent({ connect: { timeout: CONNECT_MS }, headersTimeout: ANSWER_MS, bodyTimeout: SILENT_MS });

  constructor(api: KubeApi, settings: SaverSettings) {
    this.#api = api;
    this.#settings = settings;
  }

  /** The saver of a node. Refuses where none is set up. */
  async on(node: string, signal: AbortSignal): Promise<SaverPlace> {
    const [place] = await this.#places(`spec.nodeName=${node}`, signal);
    if (place !== undefined) return place;
    throw new SpawnRefused(
      `Saving is not set up on the machine ${node}: ask an admin to let the image saver run there too.`,
    );
  }

  /** The savers of all nodes, at most one each. */
  all(signal: AbortSignal): Promise<SaverPlace[]> {
    return this.#places(undefined, signal);
  }

  /** A request that is answered at once. */
  async ask(place: SaverPlace, wanted: SaverRequest, signal: AbortSignal): Promise<unknown> {
    const { body } = await this.#send(place, wanted, signal);
    return body.json();
  }

  /** How a save goes, until its last event. An answer that is cut off ends without `done` or `failed`. */
  async *follow(place: SaverPlace, wanted: SaverRequest, signal: AbortSignal): AsyncGenerator<SaverEvent> {
    const { body } = await this.#send(place, wanted, signal);
    // A saver that dies makes the body fail beside the line reader.
    body.on('error', () => undefined);
    for await (const line of createInterface({ input: body })) yield saverEventSchema.parse(JSON.parse(line));
    signal.throwIfAborted();
  }

  dispose(): Promise<void> {
    return this.#agent.destroy();
  }

  async #send({ node, url }: SaverPlace, wanted: SaverRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    if (url === undefined) throw notThere(node);
    const claims = { iss: SAVER_ISSUER, aud: saverAudience(node), sub: 'hub', davit: wanted };
    const token = await this.#settings.sign(claims, SAVER_REQUEST_SECONDS);
    const options = { method: 'POST', body: token, headers: { 'content-type': 'application/jwt' } } as const;
    const answer = await request(`${url}${SAVER_PATH}`, { ...options, dispatcher: this.#agent, signal }).catch(
      (error: unknown) => {
        if (signal.aborted) throw error;
        throw notThere(node, error);
      },
    );
    if (answer.statusCode === 200) return answer;
    const problem = saverProblemSchema.safeParse(await answer.body.json().catch(() => undefined));
    const message = problem.data?.message ?? `It answered ${answer.statusCode}.`;
    if (answer.statusCode === 409) throw new SpawnRefused(message);
    throw new Error(`The image saver on the machine ${node} did not do it: ${message}`);
  }

  async #places(fieldSelector: string | undefined, signal: AbortSignal): Promise<SaverPlace[]> {
    const { namespace, labels, port } = this.#settings;
    const labelSelector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const query = { labelSelector, fieldSelector };
    const { items } = await this.#api.call<List<Pod>>('GET', `/api/v1/namespaces/${namespace}/pods`, { query, signal });
    const places = new Map<string, SaverPlace>();
    for (const { metadata, spec, status } of items) {
      const node = spec?.nodeName;
      if (node === undefined) continue;
      const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
      const isUp = ready && metadata?.deletionTimestamp === undefined && status?.podIP !== undefined;
      // While a pod takes another's place there are two.
      if (isUp) places.set(node, { node, url: `http://${hostOf(status.podIP ?? '')}:${port}` });
      else if (!places.has(node)) places.set(node, { node, url: undefined });
    }
    return [...places.values()];
  }
}

function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function notThere(node: string, cause?: unknown): Error {
  return new Error(`The image saver on the machine ${node} does not answer at the moment.`, { cause });
}
