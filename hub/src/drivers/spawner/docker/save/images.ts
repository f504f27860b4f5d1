import type Docker from 'dockerode';
import type { ImageInspectInfo } from 'dockerode';
import { untilAborted } from '../abort.ts';
import { isGone } from '../errors.ts';

/** The engine's images as saves need them. */
export class SavedImages {
  readonly #client: Docker;

  constructor(client: Docker) {
    this.#client = client;
  }

  async inspect(idOrRef: string, signal: AbortSignal): Promise<ImageInspectInfo> {
    return untilAborted(this.#client.getImage(idOrRef).inspect(), signal);
  }

  async history(id: string): Promise<{ CreatedBy: string }[]> {
    return (await this.#client.getImage(id).history()) as { CreatedBy: string }[];
  }

  /** Gives an image its reference and takes all others from it. */
  async complete(id: string, ref: string, signal: AbortSignal): Promise<void> {
    const at = ref.lastIndexOf(':');
    await this.#client.getImage(id).tag({ repo: ref.slice(0, at), tag: ref.slice(at + 1), abortSignal: signal });
    const { RepoTags: tags } = await this.inspect(id, signal);
    await this.remove(
      tags.filter((tag) => tag !== ref),
      signal,
    );
  }

  /** Takes references away, and images that have no other. */
  async remove(refs: readonly string[], signal: AbortSignal): Promise<void> {
    for (const ref of refs) {
      await this.#client
        .getImage(ref)
        .remove({ abortSignal: signal })
        .catch((error: unknown) => {
          if (!isGone(error)) throw error;
        });
    }
  }

  /** References that begin like this. */
  async refsLike(prefix: string, signal: AbortSignal): Promise<string[]> {
    // Podman looks at names alone, unless it has to read every image to tell which ones are intermediate.
    const filters = JSON.stringify({ reference: [`${prefix}*`] });
    const images = await this.#client.listImages({ all: true, filters, abortSignal: signal });
    return images.flatMap(({ RepoTags: tags }) => tags ?? []).filter((tag) => tag.startsWith(prefix));
  }
}
