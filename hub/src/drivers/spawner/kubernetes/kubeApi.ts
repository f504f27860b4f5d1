import type { RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request, type Dispatcher } from 'undici';
import { KubeError } from './errors.ts';
import type { Status } from './wire.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface CallOptions {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  signal: AbortSignal;
}

/** Asked again after these: too many requests, a conflict of the server with its own store, a proxy's hiccup. */
const TRANSIENT = new Set([429, 500, 502, 503, 504]);
const MAX_TRIES = 5;
const FIRST_WAIT_MS = 200;
const MAX_WAIT_MS = 5000;
const CONNECT_MS = 5000;
const ANSWER_MS = 30_000;

/** Which cluster: by a kubeconfig file, else the one that this process runs in. Throws when there is neither. */
export function loadKubeConfig(env: NodeJS.Dict<string>): KubeConfig {
  const config = new KubeConfig();
  const file = env['KUBECONFIG'];
  if (file !== undefined && file !== '') config.loadFromFile(file);
  else if (env['KUBERNETES_SERVICE_HOST'] !== undefined) config.loadFromCluster();
  else throw new Error('No cluster is known: set KUBECONFIG to a kubeconfig file, or run the hub inside a cluster.');
  return config;
}

/**
 * Calls of the Kubernetes API on connections that are kept open; the client library's own calls make a TLS connection
 * each. Answers are the API's JSON as it is. Rejects with KubeError, or with undici's error when there was no answer.
 */
export class KubeApi {
  readonly #config: KubeConfig;
  readonly #server: string;
  readonly #random: () => number;
  #connection: { key: string; agent: Agent } | undefined;

  constructor(config: KubeConfig, random: () => number = Math.random) {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('The kubeconfig names no current cluster.');
    this.#config = config;
    this.#server = server;
    this.#random = random;
  }

  /** One call; tried again with growing, random waits where that may help, until the signal aborts. */
  async call<T>(method: Method, path: string, options: CallOptions): Promise<T> {
    const text = await this.text(method, path, options);
    return JSON.parse(text) as T;
  }

  /** As call(), for what is not JSON. */
  async text(method: Method, path: string, options: CallOptions): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(method, path, options);
      } catch (error) {
        if (tries >= MAX_TRIES || options.signal.aborted || !isWorthAnotherTry(error, method)) throw error;
        await sleep(this.#waitAfter(tries, error), undefined, { signal: options.signal });
      }
    }
  }

  /** Lines of an answer that goes on, such as a watch. Ends with the signal; silence is the caller's to notice. */
  async *lines(path: string, { query, signal }: Pick<CallOptions, 'query' | 'signal'>): AsyncGenerator<string> {
    const { statusCode, headers, body } = await this.#send('GET', path, { query, signal }, 0);
    if (statusCode !== 200) throw errorOf(statusCode, await body.text(), Number(headers['retry-after']));
    // An aborted body emits an error beside the one that readline throws.
    body.on('error', () => undefined);
    yield* createInterface({ input: body });
    signal.throwIfAborted();
  }

  async dispose(): Promise<void> {
    await this.#connection?.agent.destroy();
    this.#connection = undefined;
  }

  async #once(method: Method, path: string, options: CallOptions): Promise<string> {
    const { statusCode, headers, body } = await this.#send(method, path, options, ANSWER_MS);
    const text = await body.text();
    if (statusCode >= 400) throw errorOf(statusCode, text, Number(headers['retry-after']));
    return text;
  }

  async #send(
    method: Method,
    path: string,
    { query, body, contentType, signal }: CallOptions,
    bodyTimeout: number,
  ): Promise<Dispatcher.ResponseData> {
    const url = new URL(this.#server + path);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const { agent, headers } = await this.#authorised();
    return request(url, {
      method,
      dispatcher: agent,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
      headersTimeout: ANSWER_MS,
      bodyTimeout,
    });
  }

  /** Credentials are asked for each time, because tokens and certificates are replaced while the hub runs. */
  async #authorised(): Promise<{ agent: Agent; headers: Record<string, string> }> {
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername, headers, auth } = options;
    const tls = { ca, cert, key, rejectUnauthorized, servername };
    const basic: Record<string, string> =
      typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
    return { agent: this.#agent(tls), headers: { ...(headers as Record<string, string> | undefined), ...basic } };
  }

  #agent(tls: object): Agent {
    const key = JSON.stringify(tls);
    if (this.#connection?.key !== key) {
      void this.#connection?.agent.close();
      const connect = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
      this.#connection = { key, agent: new Agent({ connect: { ...connect, timeout: CONNECT_MS }, connections: 32 }) };
    }
    return this.#connection.agent;
  }

  /** Half of the wait is random, so that many hubs and calls do not come back at once. */
  #waitAfter(tries: number, error: unknown): number {
    const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), MAX_WAIT_MS);
    return Math.min(asked, MAX_WAIT_MS) + wait * (0.5 + this.#random() / 2);
  }
}

function isWorthAnotherTry(error: unknown, method: Method): boolean {
  if (error instanceof KubeError) return TRANSIENT.has(error.status) || error.isQuotaConflict;
  // A connection that was open for long may be cut the moment it is used again.
  const code = (error as { code?: unknown }).code;
  return method === 'GET' && (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET');
}

function errorOf(status: number, text: string, retryAfterS: number | undefined): KubeError {
  const body = parsed(text);
  return new KubeError(status, body?.reason ?? '', body?.message ?? text.slice(0, 500), {
    details: body?.details,
    retryAfterMs: retryAfterS === undefined || Number.isNaN(retryAfterS) ? undefined : retryAfterS * 1000,
  });
}

function parsed(text: string): Status | undefined {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return undefined;
  }
}
