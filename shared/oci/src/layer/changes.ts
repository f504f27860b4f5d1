import { MAX_SAVED_LAYERS } from '../image/config.ts';
import { bytesOf, leftOutBy, type IsLeftOut } from './pattern.ts';
import { opaqueAmong } from './tar.ts';
import { find, putOnTop, readLayer, walk, type LayerNode } from './tree.ts';

/** What the new layer holds, and how many saved layers of the base it takes the place of. */
export interface Changes {
  tree: LayerNode;
  joined: number;
}

/** What a save leaves out: paths of mounts and memory of this container, and patterns of what must be in no image. */
export interface LeftOut {
  mounts: readonly string[];
  scrub: readonly string[];
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

/**
 * What changed since the base, as one layer. `directories` are those in which overlayfs keeps layers: the container's own
 * first, then those of earlier saves, newest first. Above ten saved layers, or where one holds what is to go, they are joined.
 */
export async function changesOf(
  directories: readonly string[],
  { mounts, scrub }: LeftOut,
  signal: AbortSignal,
): Promise<Changes> {
  const isLeftOut = leftOutOf(mounts, scrub);
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

function leftOutOf(mounts: readonly string[], scrub: readonly string[]): IsLeftOut {
  const isScrubbed = leftOutBy(scrub);
  const exact = new Set([...ENGINE_FILES, ...mounts].map((path) => bytesOf(path.slice(1))));
  return (path) => exact.has(path) || isScrubbed(path);
}
