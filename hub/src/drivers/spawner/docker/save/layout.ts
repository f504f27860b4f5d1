import { countSaved, described, OCI, savedConfig, type BaseImage } from '@davit/oci';
import type { ImageInspectInfo } from 'dockerode';
import type { LayerFile } from './layerFile.ts';

/** What a save takes over of an image; its history as the engine tells it, the newest first. */
export function baseImage(info: ImageInspectInfo, history: readonly { CreatedBy: string }[]): BaseImage {
  return {
    config: info.Config,
    architecture: info.Architecture,
    os: info.Os,
    diffIds: info.RootFS.Layers ?? [],
    savedLayers: countSaved(history.map((entry) => entry.CreatedBy)),
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

/**
 * An image as a directory that the engine loads: an OCI layout, for Docker with the `manifest.json` it writes itself. It
 * holds the new layer alone; engines take layers that they have already by their digest.
 */
export function layoutOf({ base, layer, joined, labels, ref, created, engine }: LayoutOptions): Layout {
  const { text: config, below } = savedConfig({ base, diffId: layer.digest, joined, labels, created });
  const ofConfig = described(`${OCI}.config.v1+json`, config);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: ofConfig,
    layers: [
      // Their size is not known here, and nobody asks for what is not transferred.
      ...below.map((digest) => ({ mediaType: `${OCI}.layer.v1.tar`, digest, size: 0 })),
      { mediaType: `${OCI}.layer.v1.tar`, digest: layer.digest, size: layer.bytes },
    ],
  });
  const ofManifest = described(`${OCI}.manifest.v1+json`, manifest);
  const annotations = { 'org.opencontainers.image.ref.name': ref };
  const index = { schemaVersion: 2, manifests: [{ ...ofManifest, annotations }] };
  const docker = [
    { Config: blobPath(ofConfig.digest), RepoTags: [ref], Layers: [...below, layer.digest].map(blobPath) },
  ];
  return {
    digest: ofConfig.digest,
    layerPath: blobPath(layer.digest),
    files: [
      { path: 'oci-layout', text: JSON.stringify({ imageLayoutVersion: '1.0.0' }) },
      { path: blobPath(ofConfig.digest), text: config },
      { path: blobPath(ofManifest.digest), text: manifest },
      { path: 'index.json', text: JSON.stringify(index) },
      // Podman would take the directory for one of another kind.
      ...(engine === 'docker' ? [{ path: 'manifest.json', text: JSON.stringify(docker) }] : []),
    ],
  };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
