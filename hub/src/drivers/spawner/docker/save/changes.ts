import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import { access, constants } from 'node:fs/promises';
import { SpawnRefused } from '../../../../domains/servers/spawner.ts';
import { MAX_SAVED_LAYERS } from './layout.ts';
import { memoryPlaces } from './measure.ts';
import { bytesOf, leftOutBy, type IsLeftOut } from './pattern.ts';
import { opaqueAmong } from './tar.ts';
import { find, putOnTop, readLayer, walk, type LayerNode } from './tree.ts';

/** Directories in which overlayfs keeps layers: the container's own first, then those of earlier saves, newest first. */
export interface LayerPlaces {
  directories: string[];
}

/** What the new layer holds, and how many saved layers of the base it takes the place of. */
export interface Changes {
  tree: LayerNode;
  joined: number;
}

/** What engines put into each container by themselves. */
const ENGINE_FILES = [
  '/dev',
  '/proc',
  '/sys',
  '/run',
  '/.dockerenv',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/etc/mtab',
];

/** Finds the layers on this machine's disk. Refuses where the engine keeps them elsewhere or in another way. */
export async function findLayers(
  container: ContainerInspectInfo,
  image: ImageInspectInfo,
  savedLayers: number,
): Promise<LayerPlaces> {
  const own = overlayOf(container)['UpperDir'];
  const { UpperDir: top = '', LowerDir: below = '' } = overlayOf(image);
  const saved = [top, ...below.split(':')].slice(0, savedLayers);
  const directories = [own ?? '', ...saved];
  for (const directory of directories) {
    const readable = await access(directory, constants.R_OK | constants.X_OK).catch(() => 'no');
    if (directory !== '' && readable !== 'no') continue;
    throw new SpawnRefused(
      'The hub cannot read the layers of the container engine. Saving needs a hub that runs as root on the engine’s machine, and an engine that uses overlayfs (the "overlay" or "overlay2" driver). Tell an admin.',
    );
  }
  return { directories };
}

/** What changed since the base, as one layer. Above ten saved layers, or where one holds what is to go, they are joined. */
export async function changesOf(
  container: ContainerInspectInfo,
  { directories }: LayerPlaces,
  scrub: readonly string[],
  signal: AbortSignal,
): Promise<Changes> {
  const isLeftOut = leftOutOf(container, scrub);
  const [own = '', ...saved] = directories;
  const tree = await layerOf(own, 0, isLeftOut, signal);
  const isSquashed = saved.length >= MAX_SAVED_LAYERS || (await anyHolds(saved, scrub, signal));
  if (!isSquashed) return { tree, joined: 0 };
  const trees = await Promise.all(saved.map((directory, index) => layerOf(directory, index + 1, isLeftOut, signal)));
  const [lowest, ...upper] = [...trees.reverse(), tree];
  for (const layer of upper) putOnTop(lowest, layer);
  return { tree: lowest, joined: saved.length };
}

async function layerOf(
  directory: string,
  layer: number,
  isLeftOut: IsLeftOut,
  signal: AbortSignal,
): Promise<LayerNode> {
  const tree = await readLayer(directory, layer, isLeftOut, signal);
  const folders: string[] = [];
  walk(tree, (path, { kind }) => {
    if (kind === 'directory') folders.push(path);
  });
  for (const path of await opaqueAmong(directory, folders, signal)) {
    const found = find(tree, path);
    if (found !== undefined) found.opaque = true;
  }
  return tree;
}

/** An earlier save may have kept what is to be left out now: a whiteout on top would leave it in the layer below. */
async function anyHolds(
  directories: readonly string[],
  scrub: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const isScrubbed = leftOutBy(scrub);
  for (const [index, directory] of directories.entries()) {
    const tree = await readLayer(directory, index, () => false, signal);
    const found = new Set<boolean>();
    walk(tree, (path) => found.add(isScrubbed(path)));
    if (found.has(true)) return true;
  }
  return false;
}

function leftOutOf(container: ContainerInspectInfo, scrub: readonly string[]): IsLeftOut {
  const mounts = container.Mounts.map((mount) => mount.Destination);
  const isScrubbed = leftOutBy(scrub);
  const places = [...ENGINE_FILES, ...mounts, ...memoryPlaces(container)].map((path) => bytesOf(path.slice(1)));
  const exact = new Set(places);
  return (path) => exact.has(path) || isScrubbed(path);
}

function overlayOf(inspected: { GraphDriver: { Name: string; Data: unknown } }): Record<string, string> {
  // Engines with another image store leave the whole field out.
  const driver = inspected.GraphDriver as { Name: string; Data: unknown } | undefined;
  if (driver?.Name.startsWith('overlay') !== true) return {};
  return (driver.Data ?? {}) as Record<string, string>;
}
