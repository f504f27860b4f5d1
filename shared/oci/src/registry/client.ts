import { setTimeout as sleep } from 'node:timers/promises';
import type { Descriptor } from '../image/descriptor.ts';
import { noAuth, type RegistryAuth } from './auth.ts';

/** The registry said no. `code` is its machine-readable word, such as `BLOB_UNKNOWN`. */
export class RegistryError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface RegistryRequest {
  signal: AbortSignal;
  headers?: Record<string, string>;
  body?: string | Buffer | ReadableStream<Uint8Array>;
  /** Statuses below 400 always count as answers; these do too. */
  accept?: readonly number[];
  /** Not asked again when it fails, because it may have been done. */
  once?: boolean;
}

export const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const;

/** Asked again after these: too many requests, and a proxy's or a storage's hiccup. */
const TRANSIENT = new Set([429, 500, 502, 503, 504]);
const MAX_TRIES = 4;
const FIRST_WAIT_MS = 300;
/** A registry that checks a layer of gigabytes before it answers needs minutes. */
const ANSWER_MS = 5 * 60_000;
/** Configurations and manifests are small; what is larger is none. */
const MAX_TEXT = 8 * 1024 * 1024;

/** A registry by the OCI Distribution Specification 1.1. */
export class RegistryClient {
  readonly #url: URL;
  readonly #auth: RegistryAuth;

  constructor(url: URL, auth: RegistryAuth = noAuth) {
    this.#url = url;
    this.#auth = auth;
  }

  /** A manifest as it is, by tag or digest; undefined when there is none. */
  async manifest(
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<(Descriptor & { text: string }) | undefined> {
    const headers = { accept: MANIFEST_TYPES.join(', ') };
    const path = `${repository}/manifests/${reference}`;
    const answer = await this.request('GET', path, { headers, accept: [404], signal });
    const text = await limited(answer);
    if (answer.status === 404) return undefined;
    const mediaType = answer.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
    const digest = answer.headers.get('docker-content-digest') ?? reference;
    return { text, mediaType, digest, size: Buffer.byteLength(text) };
  }

  /** What a tag names; undefined when there is none. */
  async digestOf(repository: string, reference: string, signal: AbortSignal): Promise<string | undefined> {
    const headers = { accept: MANIFEST_TYPES.join(', ') };
    const path = `${repository}/manifests/${reference}`;
    const answer = await this.request('HEAD', path, { headers, accept: [404], signal });
    return answer.status === 404 ? undefined : (answer.headers.get('docker-content-digest') ?? undefined);
  }

  async putManifest(
    repository: string,
    tag: string,
    { mediaType, text }: { mediaType: string; text: string },
    signal: AbortSignal,
  ): Promise<void> {
    const headers = { 'content-type': mediaType };
    await this.request('PUT', `${repository}/manifests/${tag}`, { headers, body: text, signal });
  }

  /** Removes an image with all its tags; done when it is not there. */
  async deleteManifest(repository: string, digest: string, signal: AbortSignal): Promise<void> {
    await this.request('DELETE', `${repository}/manifests/${digest}`, { accept: [404], signal });
  }

  async blobText(repository: string, digest: string, signal: AbortSignal): Promise<string> {
    return limited(await this.request('GET', `${repository}/blobs/${digest}`, { signal }));
  }

  async hasBlob(repository: string, digest: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.request('HEAD', `${repository}/blobs/${digest}`, { accept: [404], signal });
    return answer.status !== 404;
  }

  /**
   * One request, by a path below `/v2/` or by the address that an answer gave. Tried again where that may help. Rejects with
   * RegistryError, or with the connection's error when there was no answer.
   */
  async request(method: string, path: string | URL, options: RegistryRequest): Promise<Response> {
    const url = typeof path === 'string' ? new URL(`/v2/${path}`, this.#url) : path;
    const tries = options.once === true || options.body instanceof ReadableStream ? 1 : MAX_TRIES;
    for (let done = 1; ; done += 1) {
      try {
        return await this.#authorised(method, url, options);
      } catch (error) {
        const isHopeless = error instanceof RegistryError && !TRANSIENT.has(error.status);
        if (done >= tries || isHopeless || options.signal.aborted) throw plain(error, url);
      }
      await sleep(FIRST_WAIT_MS * 3 ** (done - 1), undefined, { signal: options.signal });
    }
  }

  async #authorised(method: string, url: URL, options: RegistryRequest): Promise<Response> {
    // What a registry hands out to another host carries its own permission.
    const isOwn = url.origin === this.#url.origin;
    const header = isOwn ? await this.#auth.header(undefined, options.signal) : undefined;
    const answer = await send(method, url, options, header);
    const challenge = answer.headers.get('www-authenticate') ?? undefined;
    if (answer.status !== 401 || !isOwn || challenge === undefined) return checked(answer, options);
    const other = await this.#auth.header(challenge, options.signal);
    if (other === undefined || options.body instanceof ReadableStream) return checked(answer, options);
    await answer.body?.cancel();
    return checked(await send(method, url, options, other), options);
  }
}

function send(
  method: string,
  url: URL,
  { headers, body, signal }: RegistryRequest,
  authorization: string | undefined,
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    // Asked for by fetch when a body is sent while the answer may come.
    ...(body === undefined ? {} : { body: body as BodyInit, duplex: 'half' }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  });
}

async function checked(answer: Response, { accept = [] }: RegistryRequest): Promise<Response> {
  if (answer.status < 400 || accept.includes(answer.status)) return answer;
  const text = (await answer.text().catch(() => '')).slice(0, 2000);
  const { code = '', message = '' } = firstError(text);
  throw new RegistryError(answer.status, code, `The registry answered ${answer.status}${said(code, message)}.`);
}

function said(code: string, message: string): string {
  const words = [code, message].filter((word) => word !== '').join(': ');
  return words === '' ? '' : ` (${words})`;
}

function firstError(text: string): { code?: string; message?: string } {
  try {
    return (JSON.parse(text) as { errors?: { code?: string; message?: string }[] }).errors?.[0] ?? {};
  } catch {
    return {};
  }
}

function plain(error: unknown, url: URL): unknown {
  if (!(error instanceof TypeError)) return error;
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return new Error(`The registry at ${url.host} does not answer: ${cause}.`, { cause: error });
}

async function limited(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > MAX_TEXT) throw new Error('The registry answered with more than a manifest can be.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
