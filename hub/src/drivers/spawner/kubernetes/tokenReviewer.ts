import { createHash } from 'node:crypto';
import type { ServerRef } from '../../../domains/servers/spawner.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { KubeApi } from './kubeApi.ts';
import { AUDIENCE, serverOf } from './settings.ts';
import type { TokenReview } from './wire.ts';

/** An answer is believed for so long; whether the server still wants that pod is asked each time. */
const FRESH_MS = 30_000;
const MAX_KNOWN = 5000;
/** Three parts of base64url: anything else is not worth a call. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const MAX_LENGTH = 4000;

interface Options {
  api: Pick<KubeApi, 'call'>;
  instanceId: string;
  namespace: string;
  serviceAccountName: string;
  clock: Clock;
}

/** Tells whose pod a projected token is, by the cluster's own word (TokenReview). */
export class TokenReviewer {
  readonly #options: Options;
  readonly #known = new Map<string, { ref: ServerRef | undefined; until: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Undefined when it is no token for Davit of a pod of this hub. Rejects when the cluster does not answer. */
  async identify(token: string, signal: AbortSignal): Promise<ServerRef | undefined> {
    if (token.length > MAX_LENGTH || !JWT.test(token)) return undefined;
    const key = createHash('sha256').update(token).digest('base64');
    const now = this.#options.clock.now().getTime();
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) return known.ref;
    const ref = await this.#review(token, signal);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, { ref, until: now + FRESH_MS });
    return ref;
  }

  async #review(token: string, signal: AbortSignal): Promise<ServerRef | undefined> {
    const { api, instanceId, namespace, serviceAccountName } = this.#options;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [AUDIENCE] },
    };
    const path = '/apis/authentication.k8s.io/v1/tokenreviews';
    const { status } = await api.call<TokenReview>('POST', path, { body, signal });
    // A cluster that knows no audiences would pass a token made for the API server itself.
    if (status?.authenticated !== true || status.audiences?.includes(AUDIENCE) !== true) return undefined;
    const account = `system:serviceaccount:${namespace}:${serviceAccountName}`;
    return status.user?.username === account ? refOf(status.user.extra, instanceId) : undefined;
  }
}

/** The pod that a token is bound to, if it is one of this hub. */
function refOf(extra: Record<string, string[]> | undefined, instanceId: string): ServerRef | undefined {
  const [name = ''] = extra?.['authentication.kubernetes.io/pod-name'] ?? [];
  const [engineId] = extra?.['authentication.kubernetes.io/pod-uid'] ?? [];
  const serverId = serverOf(name, instanceId);
  return serverId === undefined || engineId === undefined ? undefined : { serverId, engineId };
}
