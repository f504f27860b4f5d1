import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { RegistryClient } from '@davit/oci';
import type { TestCluster } from './cluster.ts';

interface Manifest {
  config: { digest: string };
  layers: { mediaType: string; digest: string; size: number }[];
}

/** What a test looks at in an image's configuration. */
export interface ImageConfig {
  config: { Env?: string[]; Entrypoint?: string[]; Labels?: Record<string, string> };
  rootfs: { diff_ids: string[] };
  history: { created_by?: string }[];
}

const CALL_MS = 60_000;

/** The registry of the development cluster as tests look into it. */
export class SavedImages {
  readonly #client: RegistryClient;
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#client = new RegistryClient(new URL(`http://${cluster.registry}`));
  }

  async has(ref: string): Promise<boolean> {
    const [repository, reference] = this.#place(ref);
    return (await this.#client.manifest(repository, reference, this.#signal())) !== undefined;
  }

  async manifest(ref: string): Promise<Manifest> {
    const [repository, reference] = this.#place(ref);
    const found = await this.#client.manifest(repository, reference, this.#signal());
    if (found === undefined) throw new Error(`${ref} is not in the registry.`);
    return JSON.parse(found.text) as Manifest;
  }

  async config(ref: string): Promise<ImageConfig> {
    const { config } = await this.manifest(ref);
    return JSON.parse((await this.#blob(ref, config.digest)).toString('utf8')) as ImageConfig;
  }

  /** Which of these texts are anywhere in an image: in any layer, unpacked, in its configuration or its manifest. */
  async scan(ref: string, texts: readonly string[]): Promise<string[]> {
    const manifest = await this.manifest(ref);
    const found = new Set<string>();
    const look = (content: Buffer) => texts.forEach((text) => content.includes(text) && found.add(text));
    look(Buffer.from(JSON.stringify(manifest)));
    look(await this.#blob(ref, manifest.config.digest));
    for (const { digest, mediaType } of manifest.layers) look(unpacked(await this.#blob(ref, digest), mediaType));
    return texts.filter((text) => found.has(text));
  }

  /** Uploads of a repository that are neither finished nor forgotten, as the registry keeps them on its disk. */
  async uploads(ref: string): Promise<string[]> {
    const [repository] = this.#place(ref);
    const data = join(dirname(this.#cluster.kubeconfig), 'registry', 'docker', 'registry', 'v2', 'repositories');
    const files = await readdir(join(data, repository, '_uploads'), { recursive: true }).catch(() => []);
    // Of one that it was told to forget the registry keeps a directory without what was sent.
    return files.filter((file) => file.endsWith('/data'));
  }

  #place(ref: string): [string, string] {
    const [, repository = '', reference = ''] = /^[^/]+\/(?:davit\/(?=saved\/))?([^@]+?)[:@]([^/]+)$/.exec(ref) ?? [];
    return [repository, reference];
  }

  async #blob(ref: string, digest: string): Promise<Buffer> {
    const [repository] = this.#place(ref);
    const answer = await this.#client.request('GET', `${repository}/blobs/${digest}`, { signal: this.#signal() });
    return Buffer.from(await answer.arrayBuffer());
  }

  #signal(): AbortSignal {
    return AbortSignal.timeout(CALL_MS);
  }
}

function unpacked(blob: Buffer, mediaType: string): Buffer {
  if (mediaType.endsWith('zstd')) return zstdDecompressSync(blob);
  return mediaType.endsWith('gzip') ? gunzipSync(blob) : blob;
}
