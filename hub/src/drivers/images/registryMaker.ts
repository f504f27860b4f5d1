import type { RegistryClient } from '@davit/oci';
import { ImageJobFailed, type ImageMaker, type Made } from '../../domains/images/index.ts';
import { parseRef } from './registryRefs.ts';

const REFUSAL = 'On a cluster no images can be made yet. An admin builds and pushes them with: npm run images.';

/** Makes nothing, for no engine is at hand; takes images away that a registry has. */
export class RegistryMaker implements ImageMaker {
  readonly notOffered = REFUSAL;
  readonly #client: RegistryClient;
  readonly #pullHost: string;

  constructor(client: RegistryClient, pullHost: string) {
    this.#client = client;
    this.#pullHost = pullHost;
  }

  importArchive(): Promise<Made> {
    return Promise.reject(new ImageJobFailed(REFUSAL));
  }

  buildDockerfile(): Promise<Made> {
    return Promise.reject(new ImageJobFailed(REFUSAL));
  }

  /** What lies in another registry is not this hub's to remove. */
  async remove(ref: string, digest?: string): Promise<void> {
    const place = parseRef(ref, this.#pullHost);
    if (place === undefined) return;
    const found = await this.#client.digestOf(place.repository, digest ?? place.reference);
    if (found !== undefined) await this.#client.deleteManifest(place.repository, found);
  }

  discard({ ref }: { ref: string }): Promise<void> {
    return this.remove(ref);
  }

  sweep(): Promise<void> {
    return Promise.resolve();
  }
}
