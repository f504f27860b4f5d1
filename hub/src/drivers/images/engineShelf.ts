import type { BuildShelf, EngineImage } from '../../domains/images/index.ts';
import type { ImageBuilder } from './builder.ts';
import { listImages } from './listImages.ts';

/** The part of the engine's API that this needs, as dockerode has it. */
interface ShelfApi {
  listImages(options: {
    all: true;
    filters: string;
    abortSignal: AbortSignal;
  }): Promise<{ Id: string; RepoTags?: string[] | null; Created: number }[]>;
  listContainers(options: { all: true; abortSignal: AbortSignal }): Promise<{ ImageID: string }[]>;
  getImage(ref: string): {
    remove(): Promise<unknown>;
  };
}

/** The builds that Docker or Podman keeps, by its API. */
export class EngineShelf implements BuildShelf {
  readonly #api: ShelfApi;
  readonly #builder: Pick<ImageBuilder, 'refs'>;

  constructor(api: ShelfApi, builder: Pick<ImageBuilder, 'refs'>) {
    this.#api = api;
    this.#builder = builder;
  }

  wanted(): readonly string[] {
    return this.#builder.refs();
  }

  async images(signal: AbortSignal): Promise<EngineImage[]> {
    const listed = await this.#list(signal);
    // After the images: a container that is made meanwhile is of one that is listed.
    const containers = await this.#api.listContainers({ all: true, abortSignal: signal });
    const used = new Set(containers.map(({ ImageID }) => digestOf(ImageID)));
    return listed.map(({ Id, RepoTags, Created }) => ({
      digest: digestOf(Id),
      refs: RepoTags ?? [],
      createdAt: new Date(Created * 1000),
      inUse: used.has(digestOf(Id)),
    }));
  }

  /**
   * Asks for each folder by itself: Podman takes several patterns for one that has to match in all. With intermediate images
   * it looks at names first; without, or without a pattern, it reads each of hundreds.
   */
  async #list(signal: AbortSignal): ReturnType<ShelfApi['listImages']> {
    const found = new Map<string, Awaited<ReturnType<ShelfApi['listImages']>>[number]>();
    for (const pattern of patternsOf(this.wanted())) {
      const filters = JSON.stringify({ reference: [pattern] });
      const images = await listImages(() => this.#api.listImages({ all: true, filters, abortSignal: signal }));
      for (const image of images) found.set(image.Id, image);
    }
    return [...found.values()];
  }

  /** Never by force: an engine itself refuses to remove what a container uses. */
  async remove(ref: string): Promise<void> {
    try {
      await this.#api.getImage(ref).remove();
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    }
  }
}

/** What is in the same folder as references of builds. */
function patternsOf(refs: readonly string[]): Set<string> {
  return new Set(refs.map((ref) => `${ref.slice(0, ref.lastIndexOf('/'))}/*`));
}

/** Podman leaves out the name of the hash here and there. */
function digestOf(id: string): string {
  return id.startsWith('sha256:') ? id : `sha256:${id}`;
}
