import { z } from 'zod';
import { SaveRefused } from '../refused.ts';
import type { RegistryClient } from '../registry/client.ts';
import { countSaved, type BaseImage } from './config.ts';
import { digestOf, OCI, type Descriptor } from './descriptor.ts';

const descriptor = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() });
const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor) });
const indexSchema = z.object({
  manifests: z.array(
    descriptor.extend({ platform: z.object({ architecture: z.string(), os: z.string() }).optional() }),
  ),
});
const texts = z.array(z.string()).nullish();
const keys = z.record(z.string(), z.unknown()).nullish();
const configSchema = z.object({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().optional(),
  config: z
    .object({
      User: z.string().optional(),
      ExposedPorts: keys,
      Env: texts,
      Entrypoint: texts,
      Cmd: texts,
      Volumes: keys,
      WorkingDir: z.string().optional(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .default({}),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
  history: z.array(z.object({ created_by: z.string().optional(), empty_layer: z.boolean().optional() })).default([]),
});

/** An image in a registry as the base of a saved one. */
export interface RegistryBase {
  image: BaseImage;
  /** Its layers as they lie in the registry, lowest first; one for each of `image.diffIds`. */
  layers: Descriptor[];
}

/** OCI's name for the architecture of this machine, as an index of images gives it. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Reads an image by its digest, and makes sure that the registry gave exactly that. An index leads to this machine's image. */
export async function registryBase(
  client: RegistryClient,
  { repository, digest }: { repository: string; digest: string },
  signal: AbortSignal,
  arch: NodeJS.Architecture = process.arch,
): Promise<RegistryBase> {
  const found = await client.manifest(repository, digest, signal);
  if (found === undefined || digestOf(found.text) !== digest) {
    throw new SaveRefused(
      'The image that this server was started from is not in the registry any more, so nothing can be saved on top of it.',
    );
  }
  if (/\.index\.|manifest\.list\./.test(found.mediaType)) {
    const { manifests } = indexSchema.parse(JSON.parse(found.text));
    const wanted = manifests.find(({ platform }) => platform?.architecture === ARCHITECTURES[arch]);
    if (wanted === undefined) throw new SaveRefused(`The image of this server is not there for ${arch}.`);
    return registryBase(client, { repository, digest: wanted.digest }, signal, arch);
  }
  const manifest = manifestSchema.parse(JSON.parse(found.text));
  const text = await client.blobText(repository, manifest.config.digest, signal);
  if (digestOf(text) !== manifest.config.digest)
    throw new Error('The registry gave another configuration than asked for.');
  return { image: imageOf(text), layers: manifest.layers.map(plainLayer) };
}

function imageOf(text: string): BaseImage {
  const { config, architecture, os, variant, rootfs, history } = configSchema.parse(JSON.parse(text));
  // Steps that made no layer have no place among the layers.
  const made = history.filter((entry) => entry.empty_layer !== true).map((entry) => entry.created_by);
  return { config, architecture, os, variant, diffIds: rootfs.diff_ids, savedLayers: countSaved(made.reverse()) };
}

/** Docker's name of a kind of layer is not OCI's, and a manifest has those of one of them. */
function plainLayer({ mediaType, digest, size }: Descriptor): Descriptor {
  if (/foreign|nondistributable/.test(mediaType)) {
    throw new SaveRefused('The image of this server has layers that may not be passed on, so it cannot be saved.');
  }
  const docker = /^application\/vnd\.docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?$/.exec(mediaType);
  if (docker === null) return { mediaType, digest, size };
  return { mediaType: `${OCI}.layer.v1.tar${docker[1]?.replace('.', '+') ?? ''}`, digest, size };
}

/** The manifest of a saved image. */
export function savedManifest(config: Descriptor, layers: readonly Descriptor[]): { mediaType: string; text: string } {
  const mediaType = `${OCI}.manifest.v1+json`;
  return { mediaType, text: JSON.stringify({ schemaVersion: 2, mediaType, config, layers }) };
}
