import type { ImageLocation } from '../../../domains/images/index.ts';
import { listImages } from '../listImages.ts';
import type { ImageConfig } from './finishing.ts';

/** What an image is, as the engine tells. */
export interface EngineImage extends ImageConfig {
  location: ImageLocation;
  architecture: string;
}

/** The part of the engine's API that this needs, as dockerode has it. */
export interface ImagesApi {
  listImages(options: { all: true; filters: string }): Promise<{ RepoTags?: string[] | null }[]>;
  getImage(ref: string): {
    inspect(): Promise<{
      Id: string;
      Size: number;
      Architecture: string;
      Config: { Labels?: Record<string, string> | null; Entrypoint?: string | string[] | null };
    }>;
    tag(to: { repo: string; tag: string }): Promise<unknown>;
    remove(): Promise<unknown>;
  };
}

/** Images of the engine by reference. */
export class EngineImages {
  readonly #api: ImagesApi;

  constructor(api: ImagesApi) {
    this.#api = api;
  }

  /** Throws when the engine does not have it. */
  async inspect(ref: string): Promise<EngineImage> {
    const { Id, Size, Architecture, Config } = await this.#api.getImage(ref).inspect();
    const digest = Id.startsWith('sha256:') ? Id : `sha256:${Id}`;
    return {
      location: { ref, digest, sizeBytes: Size },
      architecture: Architecture,
      labels: Config.Labels ?? {},
      entrypoint: [Config.Entrypoint ?? []].flat(),
    };
  }

  async tag(id: string, ref: string): Promise<void> {
    const at = ref.lastIndexOf(':');
    await this.#api.getImage(id).tag({ repo: ref.slice(0, at), tag: ref.slice(at + 1) });
  }

  /** Takes a reference away; the image goes with its last one, and layers with the last image that has them. */
  async remove(ref: string): Promise<void> {
    try {
      await this.#api.getImage(ref).remove();
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    }
  }

  /**
   * References that begin like this. With intermediate images Podman looks at names alone; to leave those out it reads every
   * image, which took half a minute with some hundred.
   */
  async refsLike(prefix: string): Promise<string[]> {
    const filters = JSON.stringify({ reference: [`${prefix}*`] });
    const images = await listImages(() => this.#api.listImages({ all: true, filters }));
    return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((ref) => ref.startsWith(prefix));
  }
}
