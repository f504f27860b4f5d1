import type { ImageLocation } from '../../../domains/images/index.ts';
import { messageOf } from '../../../platform/errors.ts';
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

const LIST_TRIES = 5;

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
   * References that begin like this. Podman stumbles over an image that somebody removes while it lists. With intermediate
   * images it looks at names alone; to leave those out it reads every image, which took half a minute with some hundred.
   */
  async refsLike(prefix: string, tries = LIST_TRIES): Promise<string[]> {
    const filters = JSON.stringify({ reference: [`${prefix}*`] });
    try {
      const images = await this.#api.listImages({ all: true, filters });
      return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((ref) => ref.startsWith(prefix));
    } catch (error) {
      if (tries <= 1 || !/image not known/.test(messageOf(error))) throw error;
      return this.refsLike(prefix, tries - 1);
    }
  }
}
