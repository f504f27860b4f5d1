import { MAX_SAVED_LAYERS } from '../image/config.ts';
import { SaveRefused } from '../refused.ts';
import { bytesOf, leftOutBy, type IsLeftOut } from './pattern.ts';
import { markedAmong } from './tar.ts';
import { find, putOnTop, readLayer, walk, type LayerNode } from './tree.ts';
import type { LayerView } from './view.ts';

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

const MOVED =
  'The container engine keeps directories of this server in a way that cannot be saved (overlayfs redirect_dir). An admin has to switch that off for overlayfs, and the server has to be started anew.';

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
 * What changed since the base, as one layer, whose nodes lie in the view's sources. Above ten saved layers, or where one
 * holds what is to go, they are joined.
 */
export async function changesOf(
  { layers, sources }: LayerView,
  { mounts, scrub }: LeftOut,
  signal: AbortSignal,
): Promise<Changes> {
  const isLeftOut = leftOutOf(mounts, scrub);
  const saved = layers.slice(1);
  const layerAt = (index: number) => layerOf(layers[index] ?? '', sources[index] ?? '', { index, isLeftOut, signal });
  const tree = await layerAt(0);
  const isSquashed = saved.length >= MAX_SAVED_LAYERS || (await anyHolds(saved, scrub, signal));
  if (!isSquashed) return { tree, joined: 0 };
  const trees = await Promise.all(saved.map((_, index) => layerAt(index + 1)));
  const [lowest, ...upper] = [...trees.reverse(), tree];
  for (const layer of upper) putOnTop(lowest, layer);
  return { tree: lowest, joined: saved.length };
}

interface Reading {
  /** Which layer it is. */
  index: number;
  isLeftOut: IsLeftOut;
  signal: AbortSignal;
}

/** What a layer changes; directories that came from elsewhere are in it with all that they hold, as `source` shows it. */
async function layerOf(directory: string, source: string, { index, isLeftOut, signal }: Reading): Promise<LayerNode> {
  const tree = await readLayer(directory, index, isLeftOut, signal);
  const folders: string[] = [];
  walk(tree, (path, { kind }) => {
    if (kind === 'directory') folders.push(path);
  });
  const { opaque, moved } = await markedAmong(directory, folders, signal);
  if (moved.length > 0 && source === directory) throw new SaveRefused(MOVED);
  const isFilled = new Set(moved);
  for (const path of moved) {
    const found = find(tree, path);
    // What is in one that moved has been read with it.
    if (found === undefined || ancestorsOf(path).some((above) => isFilled.has(above))) continue;
    found.opaque = true;
    found.children = (await readLayer(source, index, isLeftOut, signal, path)).children;
  }
  for (const path of opaque) {
    const found = find(tree, path);
    if (found !== undefined) found.opaque = true;
  }
  return tree;
}

function ancestorsOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
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
