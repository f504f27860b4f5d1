import { join } from 'node:path';
import type { RegistryClient } from '@davit/oci';
import { ImageFailed, type BuiltInImage, type ImageLocation, type ImageSource } from '../../domains/images/index.ts';
import { bundleAgent } from './agentBundle.ts';
import { builtInImage, loadCatalogue } from './catalogue.ts';
import type { Overlays } from './overlays.ts';
import { imageRefs } from './plan.ts';
import { parseRef } from './registryRefs.ts';

/** What is known of the images that come with Davit where none is built. */
export interface KnownImages {
  catalogue(): readonly BuiltInImage[];
  /** `localhost/davit/<name>:<content hash>`; throws for an unknown name. */
  ref(name: string): string;
}

interface Registry {
  /** `host[:port]` in references, as nodes know the registry. */
  pullHost: string;
  /** The same registry as it is reached from here. */
  client: Pick<RegistryClient, 'image'>;
}

/** Reads the catalogue, and bundles what images get on top, from which the references follow. */
export async function knownImages(imagesDir: string, overlays: Overlays): Promise<KnownImages> {
  const entry = join(imagesDir, 'agent', 'src', 'main.ts');
  const [catalogue, agent] = await Promise.all([loadCatalogue(imagesDir), bundleAgent(entry)]);
  const refs = imageRefs(catalogue, { agent, overlays });
  return {
    catalogue: () => catalogue.images.map(builtInImage),
    ref: (name) => {
      const known = refs.get(name);
      if (known === undefined) throw new Error(`There is no image ${name}.`);
      return known.image;
    },
  };
}

/** Images that one command pushed to an OCI registry (Distribution Specification 1.1); nothing is built here. */
export class RegistryImages implements ImageSource {
  readonly #known: KnownImages;
  readonly #registry: Registry;

  constructor(known: KnownImages, registry: Registry) {
    this.#known = known;
    this.#registry = registry;
  }

  catalogue(): readonly BuiltInImage[] {
    return this.#known.catalogue();
  }

  /** Rejects when the registry does not answer. */
  present(name: string): Promise<ImageLocation | undefined> {
    const [repository = '', tag = ''] = this.#known.ref(name).replace('localhost/', '').split(':');
    return this.#find(repository, tag);
  }

  /** What people made is looked for where it was put, all else among the images that come with Davit. */
  async locate(digest: string, ref?: string): Promise<ImageLocation | undefined> {
    const place = ref === undefined ? undefined : parseRef(ref, this.#registry.pullHost);
    const known = this.catalogue().map(({ name }) => `davit/${name}`);
    for (const repository of place === undefined ? known : [place.repository]) {
      const found = await this.#find(repository, digest);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async ensure(name: string): Promise<ImageLocation> {
    const found = await this.present(name);
    if (found !== undefined) return found;
    throw new ImageFailed(
      `The image ${name} of this version is not in the registry. An admin puts it there with: npm run images -- --push <registry>.`,
    );
  }

  async #find(repository: string, reference: string): Promise<ImageLocation | undefined> {
    const { pullHost, client } = this.#registry;
    const found = await client.image(repository, reference);
    if (found === undefined) return undefined;
    const separator = reference.startsWith('sha256:') ? '@' : ':';
    return { ref: `${pullHost}/${repository}${separator}${reference}`, ...found };
  }
}
