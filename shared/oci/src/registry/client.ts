import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { digestOf, OCI, type Descriptor } from '../image/descriptor.ts';
import { accessOf } from './access.ts';
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

const DOCKER = 'application/vnd.docker.distribution.manifest';
const IMAGE_TYPES = [`${OCI}.manifest.v1+json`, `${DOCKER}.v2+json`];
const ALL_TYPES = [...IMAGE_TYPES, `${OCI}.index.v1+json`, `${DOCKER}.list.v2+json`];

const sized = z.object({ size: z.number() });
const sizesSchema = z.object({ config: sized, layers: z.array(sized) });
const repositoriesSchema = z.object({ repositories: z.array(z.string()).nullable() });
const tagsSchema = z.object({ tags: z.array(z.string()).nullable() });

/** Asked again after these: too many requests, and a proxy's or a storage's hiccup. */
const TRANSIENT = new Set([429, 500, 502, 503, 504]);
const MAX_TRIES = 4;
const FIRST_WAIT_MS = 300;
/** For what is small, with all tries. */
const SOON_MS = 10_000;
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

  /** What a tag names; undefined when there is none. */
  async digestOf(repository: string, reference: string, signal = soon()): Promise<string | undefined> {
    const options = { headers: { accept: ALL_TYPES.join(', ') }, accept: [404], signal };
    const answer = await this.request('HEAD', `${repository}/manifests/${reference}`, options);
    return answer.status === 404 ? undefined : (answer.headers.get('docker-content-digest') ?? undefined);
  }

  /** A manifest as it is, by tag or digest; undefined when there is none. */
  async manifest(
    repository: string,
    reference: string,
    signal = soon(),
    types: readonly string[] = ALL_TYPES,
  ): Promise<(Descriptor & { text: string }) | undefined> {
    const options = { headers: { accept: types.join(', ') }, accept: [404], signal };
    const answer = await this.request('GET', `${repository}/manifests/${reference}`, options);
    const text = await limited(answer);
    if (answer.status === 404) return undefined;
    const mediaType = answer.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
    const digest = answer.headers.get('docker-content-digest') ?? digestOf(text);
    return { text, mediaType, digest, size: Buffer.byteLength(text) };
  }

  /** An image with its size as it travels, which is compressed; undefined when there is none, or an index of several. */
  async image(
    repository: string,
    reference: string,
    signal = soon(),
  ): Promise<{ digest: string; sizeBytes: number } | undefined> {
    const found = await this.manifest(repository, reference, signal, IMAGE_TYPES);
    if (found === undefined) return undefined;
    const { config, layers } = sizesSchema.parse(JSON.parse(found.text));
    return { digest: found.digest, sizeBytes: layers.reduce((sum, { size }) => sum + size, config.size) };
  }

  /** Names of repositories in their order, at most `limit`, beginning behind `after`. */
  async repositories(page: { after: string | undefined; limit: number }, signal = soon()): Promise<string[]> {
    const { after, limit } = page;
    const query = new URLSearchParams({ n: String(limit), ...(after === undefined ? {} : { last: after }) });
    const text = await limited(await this.request('GET', `_catalog?${query}`, { signal }));
    return repositoriesSchema.parse(JSON.parse(text)).repositories ?? [];
  }

  /** Tags of a repository in their order; none when it is not there, or empty. */
  async tags(repository: string, signal = soon()): Promise<string[]> {
    const answer = await this.request('GET', `${repository}/tags/list`, { accept: [404], signal });
    const text = await limited(answer);
    return answer.status === 404 ? [] : (tagsSchema.parse(JSON.parse(text)).tags ?? []).sort();
  }

  /** Puts a manifest under a tag. */
  async putManifest(
    repository: string,
    tag: string,
    { mediaType, text }: { mediaType: string; text: string },
    signal: AbortSignal,
  ): Promise<void> {
    const headers = { 'content-type': mediaType };
    await discard(await this.request('PUT', `${repository}/manifests/${tag}`, { headers, body: text, signal }));
  }

  /** Removes an image with all its tags; done when it is not there. Its layers go when the registry collects. */
  async deleteManifest(repository: string, digest: string, signal = soon()): Promise<void> {
    const answer = await this.request('DELETE', `${repository}/manifests/${digest}`, { accept: [404, 405], signal });
    await discard(answer);
    if (answer.status === 405)
      throw new Error('The registry does not delete: an admin has to set REGISTRY_STORAGE_DELETE_ENABLED=true for it.');
  }

  /** A small blob, such as a configuration, as text. */
  async blobText(repository: string, digest: string, signal: AbortSignal): Promise<string> {
    return limited(await this.request('GET', `${repository}/blobs/${digest}`, { signal }));
  }

  /** Whether a repository has a blob. */
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
        await sleep(FIRST_WAIT_MS * 3 ** (done - 1), undefined, { signal: options.signal }).catch(() => {
          throw isTimeout(options.signal.reason) ? plain(error, url) : options.signal.reason;
        });
      }
    }
  }

  async #authorised(method: string, url: URL, options: RegistryRequest): Promise<Response> {
    // What a registry hands out to another host carries its own permission.
    const isOwn = url.origin === this.#url.origin;
    const access = accessOf(method, url);
    const authorise = (challenge?: string) => this.#auth({ access, challenge, signal: options.signal });
    const answer = await send(method, url, options, isOwn ? await authorise() : undefined);
    const challenge = answer.headers.get('www-authenticate') ?? undefined;
    if (answer.status !== 401 || !isOwn || challenge === undefined) return checked(answer, url, options);
    const other = options.body instanceof ReadableStream ? undefined : await authorise(challenge);
    if (other === undefined) return checked(answer, url, options);
    await discard(answer);
    return checked(await send(method, url, options, other), url, options);
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

async function checked(answer: Response, url: URL, { accept = [] }: RegistryRequest): Promise<Response> {
  if (answer.status < 400 || accept.includes(answer.status)) return answer;
  const text = (await answer.text().catch(() => '')).slice(0, 2000);
  const { code = '', message = '' } = firstError(text);
  if (answer.status === 401 || answer.status === 403) {
    const asked = url.pathname.replace('/v2/', '');
    throw new RegistryError(
      answer.status,
      code,
      `The registry does not let Davit in (${asked}). An admin has to check how Davit signs in to it.`,
    );
  }
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
  if (!isTimeout(error) && !(error instanceof TypeError)) return error;
  const reason = error instanceof TypeError && error.cause instanceof Error ? error.cause.message : error.message;
  return new Error(`The registry at ${url.host} does not answer: ${reason}.`, { cause: error });
}

function isTimeout(error: unknown): error is DOMException {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function soon(): AbortSignal {
  return AbortSignal.timeout(SOON_MS);
}

/** An answer that is not read holds its connection. */
async function discard(answer: Response): Promise<void> {
  await answer.body?.cancel();
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
