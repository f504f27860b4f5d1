import { digestOf } from '../image/descriptor.ts';
import type { RegistryClient } from './client.ts';

/** A part of a blob as it is sent; kept in memory until the registry has it, so that it can be sent again. */
export const PART_BYTES = 8 * 1024 * 1024;
const MAX_TRIES = 4;
const CANCEL_MS = 10_000;
/** A part that is on its way when all is cancelled has so long to arrive. */
const PART_MS = 15_000;
const OCTETS = { 'content-type': 'application/octet-stream' };

/** A blob on its way into a repository, part by part, whose digest is known only at its end. */
export class BlobUpload {
  readonly #client: RegistryClient;
  readonly #signal: AbortSignal;
  /** Aborts a while after the caller's: registries (Distribution 2.8) do not know an upload any more whose part was cut. */
  readonly #late: AbortSignal;
  #location: URL;
  /** The part that is on its way. */
  #busy: Promise<void> = Promise.resolve();
  #sent = 0;

  private constructor(client: RegistryClient, location: URL, signal: AbortSignal) {
    this.#client = client;
    this.#location = location;
    this.#signal = signal;
    this.#late = later(signal, PART_MS);
  }

  static async start(client: RegistryClient, repository: string, signal: AbortSignal): Promise<BlobUpload> {
    const answer = await client.request('POST', `${repository}/blobs/uploads/`, { body: '', signal });
    await answer.body?.cancel();
    return BlobUpload.opened(client, answer, signal);
  }

  /** The one that an answer of the registry has begun. */
  static opened(client: RegistryClient, answer: Response, signal: AbortSignal): BlobUpload {
    return new BlobUpload(client, locationOf(answer), signal);
  }

  /** The next part. After a failure the registry is asked how much of it has arrived. */
  write(part: Buffer): Promise<void> {
    const work = this.#write(part);
    this.#busy = work.catch(() => undefined);
    return work;
  }

  /** The blob is complete; the registry compares its digest. */
  async finish(digest: string): Promise<void> {
    const url = new URL(this.#location);
    url.searchParams.set('digest', digest);
    const answer = await this.#client.request('PUT', url, { headers: OCTETS, body: '', signal: this.#signal });
    await answer.body?.cancel();
  }

  /** Has the registry forget it. Never rejects: a registry drops what is not finished by itself some day. */
  async cancel(): Promise<void> {
    await this.#busy;
    const signal = AbortSignal.timeout(CANCEL_MS);
    await this.#client.request('DELETE', this.#location, { signal, accept: [404] }).catch(() => undefined);
  }

  async #write(part: Buffer): Promise<void> {
    this.#signal.throwIfAborted();
    const end = this.#sent + part.length;
    for (let tries = 1; this.#sent < end; tries += 1) {
      try {
        await this.#patch(part.subarray(part.length - (end - this.#sent)));
        this.#sent = end;
      } catch (error) {
        if (tries >= MAX_TRIES || this.#signal.aborted) throw error;
        const arrived = await this.#arrived(error);
        if (arrived < end - part.length || arrived > end) throw error;
        this.#sent = arrived;
      }
    }
  }

  async #patch(bytes: Buffer): Promise<void> {
    const range = `${this.#sent}-${this.#sent + bytes.length - 1}`;
    const headers = { ...OCTETS, 'content-range': range };
    const options = { headers, body: bytes, signal: this.#late, once: true };
    const answer = await this.#client.request('PATCH', this.#location, options);
    await answer.body?.cancel();
    this.#location = locationOf(answer);
  }

  /** How many bytes the registry has, by its own word. */
  async #arrived(error: unknown): Promise<number> {
    const answer = await this.#client.request('GET', this.#location, { signal: this.#signal }).catch(() => {
      throw error;
    });
    await answer.body?.cancel();
    if (answer.headers.has('location')) this.#location = locationOf(answer);
    const last = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers.get('range') ?? '')?.[1];
    // «0-0» is said of nothing at all as of one byte.
    return last === undefined || last === '0' ? 0 : Number(last) + 1;
  }
}

/** Aborts so many milliseconds after another signal. */
function later(signal: AbortSignal, ms: number): AbortSignal {
  const abort = new AbortController();
  const start = (): void => void setTimeout(() => abort.abort(signal.reason), ms).unref();
  if (signal.aborted) start();
  else signal.addEventListener('abort', start, { once: true });
  return abort.signal;
}

/** Puts a small blob into a repository, unless it is there. */
export async function putBlob(
  client: RegistryClient,
  repository: string,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const digest = digestOf(text);
  if (await client.hasBlob(repository, digest, signal)) return;
  const upload = await BlobUpload.start(client, repository, signal);
  try {
    await upload.write(Buffer.from(text));
    await upload.finish(digest);
  } catch (error) {
    await upload.cancel();
    throw error;
  }
}

/**
 * Makes a blob of one repository be in another: the registry links it where it can and the token allows; else its bytes go
 * once through here.
 */
export async function mountBlob(
  client: RegistryClient,
  { repository, from, digest }: { repository: string; from: string; digest: string },
  signal: AbortSignal,
): Promise<'mounted' | 'copied'> {
  const query = new URLSearchParams({ mount: digest, from });
  const answer = await client.request('POST', `${repository}/blobs/uploads/?${query}`, { body: '', signal });
  await answer.body?.cancel();
  if (answer.status === 201) return 'mounted';
  const upload = BlobUpload.opened(client, answer, signal);
  try {
    const { body } = await client.request('GET', `${from}/blobs/${digest}`, { signal });
    for await (const part of inParts(body ?? [])) await upload.write(part);
    await upload.finish(digest);
    return 'copied';
  } catch (error) {
    await upload.cancel();
    throw error;
  }
}

/** Cuts a stream into parts of one size; the last may be smaller. */
export async function* inParts(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size = PART_BYTES,
): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes < size) continue;
    const all = Buffer.concat(held);
    const whole = all.length - (all.length % size);
    for (let at = 0; at < whole; at += size) yield all.subarray(at, at + size);
    const rest = Buffer.from(all.subarray(whole));
    held = [rest];
    bytes = rest.length;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/** Registries answer with relative addresses too. */
function locationOf(answer: Response): URL {
  const location = answer.headers.get('location');
  if (location === null) throw new Error('The registry does not tell where an upload goes on.');
  return new URL(location, answer.url);
}
