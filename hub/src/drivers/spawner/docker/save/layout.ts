import type { ImageInspectInfo } from 'dockerode';
import { createHash } from 'node:crypto';
import type { LayerFile } from './layerFile.ts';

/** Makes each saved image another one, even of equal contents: two rows must not mean one image of the engine. */
export const JOB_LABEL = 'davit.saved-job';

/** How the history names layers that a save made; an image counts its own by these. */
const SAVED_BY = 'davit save';
const BASE_BY = 'davit image';
/** More saved layers than this become one: engines mount at most some 120, and each costs a look-up. */
export const MAX_SAVED_LAYERS = 10;

/** The image that a server was started from, as far as the next one takes over from it. */
export interface BaseImage {
  config: ImageInspectInfo['Config'];
  architecture: string;
  os: string;
  /** Digests of its uncompressed layers, lowest first. */
  diffIds: readonly string[];
  /** How many of its layers, from the top, were made by saves. */
  savedLayers: number;
}

export function baseImage(info: ImageInspectInfo, history: readonly { CreatedBy: string }[]): BaseImage {
  const built = history.findIndex((entry) => entry.CreatedBy !== SAVED_BY);
  return {
    config: info.Config,
    architecture: info.Architecture,
    os: info.Os,
    diffIds: info.RootFS.Layers ?? [],
    savedLayers: built < 0 ? 0 : built,
  };
}

/** A file of the layout, by its path. */
export interface LayoutFile {
  path: string;
  text: string;
}

/** What the engine is given besides the layer itself. */
export interface Layout {
  files: LayoutFile[];
  /** The image's id: the digest of its configuration. */
  digest: string;
  /** Where the layer belongs in the layout. */
  layerPath: string;
}

interface LayoutOptions {
  base: BaseImage;
  layer: LayerFile;
  /** Saved layers of the base that `layer` takes the place of. */
  joined: number;
  labels: Record<string, string>;
  /** The reference that the engine gives the image while it is being made. */
  ref: string;
  created: Date;
  engine: 'docker' | 'podman';
}

const TYPE = 'application/vnd.oci.image';

/**
 * An image as a directory that the engine loads: an OCI layout, for Docker with the `manifest.json` it writes itself. It
 * holds the new layer alone; engines take layers that they have already by their digest. Its configuration is the base image's, never
 * the container's, so nothing that the hub gave the container is in it.
 */
export function layoutOf({ base, layer, joined, labels, ref, created, engine }: LayoutOptions): Layout {
  const below = base.diffIds.slice(0, base.diffIds.length - joined);
  const diffIds = [...below, layer.digest];
  const config = configOf(base, diffIds, base.savedLayers - joined + 1, labels, created.toISOString());
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: `${TYPE}.manifest.v1+json`,
    config: described(`${TYPE}.config.v1+json`, config),
    layers: [
      // Their size is not known here, and nobody asks for what is not transferred.
      ...below.map((digest) => ({ mediaType: `${TYPE}.layer.v1.tar`, digest, size: 0 })),
      { mediaType: `${TYPE}.layer.v1.tar`, digest: layer.digest, size: layer.bytes },
    ],
  });
  const annotations = { 'org.opencontainers.image.ref.name': ref };
  const index = { schemaVersion: 2, manifests: [{ ...described(`${TYPE}.manifest.v1+json`, manifest), annotations }] };
  const docker = [{ Config: blobPath(digestOf(config)), RepoTags: [ref], Layers: diffIds.map(blobPath) }];
  return {
    digest: digestOf(config),
    layerPath: blobPath(layer.digest),
    files: [
      { path: 'oci-layout', text: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
      { path: blobPath(digestOf(config)), text: config },
      { path: blobPath(digestOf(manifest)), text: manifest },
      { path: 'index.json', text: JSON.stringify(index) },
      // Podman would take the directory for one of another kind.
      ...(engine === 'docker' ? [{ path: 'manifest.json', text: JSON.stringify(docker) }] : []),
    ],
  };
}

function configOf(
  { config, architecture, os }: BaseImage,
  diffIds: readonly string[],
  savedLayers: number,
  labels: Record<string, string>,
  created: string,
): string {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir } = config;
  return JSON.stringify({
    created,
    architecture,
    os,
    config: { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels: { ...config.Labels, ...labels } },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map((_, index) => ({
      created,
      created_by: index < diffIds.length - savedLayers ? BASE_BY : SAVED_BY,
    })),
  });
}

function described(mediaType: string, text: string) {
  return { mediaType, digest: digestOf(text), size: Buffer.byteLength(text) };
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
