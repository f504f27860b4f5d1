/** Makes each saved image another one, even of equal contents: two rows must not mean one image. */
export const JOB_LABEL = 'davit.saved-job';

/** How the history names layers that a save made; an image counts its own by these. */
const SAVED_BY = 'davit save';
const BASE_BY = 'davit image';
/** More saved layers than this become one: engines mount at most some 120, and each costs a look-up. */
export const MAX_SAVED_LAYERS = 10;

/** What an image says of its containers, as far as a saved one takes over from it (OCI Image Specification, config). */
export interface ContainerConfig {
  User?: string | undefined;
  ExposedPorts?: Record<string, unknown> | null | undefined;
  Env?: string[] | null | undefined;
  Entrypoint?: string | string[] | null | undefined;
  Cmd?: string[] | null | undefined;
  Volumes?: Record<string, unknown> | null | undefined;
  WorkingDir?: string | undefined;
  Labels?: Record<string, string> | null | undefined;
}

/** The image that a server was started from, as far as the next one takes over from it. */
export interface BaseImage {
  config: ContainerConfig;
  architecture: string;
  os: string;
  variant?: string | undefined;
  /** Digests of its uncompressed layers, lowest first. */
  diffIds: readonly string[];
  /** How many of its layers, from the top, were made by saves. */
  savedLayers: number;
}

/** How many layers at the top were made by saves, by what the history says of each; the newest first. */
export function countSaved(createdBy: readonly (string | undefined)[]): number {
  const built = createdBy.findIndex((by) => by !== SAVED_BY);
  return built < 0 ? 0 : built;
}

export interface SavedConfigOptions {
  base: BaseImage;
  /** Digest of the new layer, uncompressed. */
  diffId: string;
  /** Saved layers of the base that the new one takes the place of. */
  joined: number;
  /** On top of those of the base. */
  labels: Record<string, string>;
  created: Date;
}

/** What an image is made of. */
export interface SavedConfig {
  text: string;
  /** Digests of the uncompressed layers that it takes over, lowest first. */
  below: readonly string[];
}

/**
 * The configuration of a saved image: the base image's, never the container's, so nothing that the hub gave the container
 * is in it. Its history is rewritten, because commands of a build may name what is nobody's business.
 */
export function savedConfig({ base, diffId, joined, labels, created }: SavedConfigOptions): SavedConfig {
  const { config, architecture, os, variant } = base;
  const below = base.diffIds.slice(0, base.diffIds.length - joined);
  const diffIds = [...below, diffId];
  const firstSaved = diffIds.length - (base.savedLayers - joined + 1);
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir } = config;
  const time = created.toISOString();
  const text = JSON.stringify({
    created: time,
    architecture,
    os,
    variant,
    config: { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels: { ...config.Labels, ...labels } },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map((_, index) => ({ created: time, created_by: index < firstSaved ? BASE_BY : SAVED_BY })),
  });
  return { text, below };
}
