import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import type { IsLeftOut } from './pattern.ts';

/** One path of a layer. `whiteout`: removed, whatever the layers below have. Sizes are what a tar needs for it. */
export interface LayerNode {
  kind: 'directory' | 'file' | 'whiteout';
  /** Which of the given directories holds it. */
  layer: number;
  bytes: number;
  /** A directory that hides what the layers below have at its place. */
  opaque: boolean;
  children: Map<string, LayerNode>;
}

/** A tar holds a header of 512 bytes for each entry, and contents in blocks of that size. */
export const BLOCK = 512;

/**
 * Reads a directory in which overlayfs keeps a layer, or what is at the path `at` of it, without following or opening
 * anything. What `isLeftOut` names is not looked into. Names are latin1 strings, one character per byte. Files that vanish
 * meanwhile are not there.
 */
export async function readLayer(
  directory: string,
  layer: number,
  isLeftOut: IsLeftOut,
  signal: AbortSignal,
  at = '',
): Promise<LayerNode> {
  const root = node('directory', layer);
  await readInto(root, at, { directory, layer, isLeftOut, signal });
  return root;
}

interface Reading {
  directory: string;
  layer: number;
  isLeftOut: IsLeftOut;
  signal: AbortSignal;
}

async function readInto(parent: LayerNode, path: string, reading: Reading): Promise<void> {
  const { directory, layer, isLeftOut, signal } = reading;
  signal.throwIfAborted();
  const entries = await readdir(place(directory, path), { withFileTypes: true, encoding: 'latin1' }).catch(
    (error: unknown) => {
      if (path !== '' && isGone(error)) return [];
      throw error;
    },
  );
  const kept = entries.filter((entry) => !entry.isSocket() && !isLeftOut(join(path, entry.name)));
  const stats = await Promise.all(kept.map((entry) => statOf(entry, place(directory, join(path, entry.name)))));
  for (const [index, entry] of kept.entries()) {
    const stat = stats[index];
    if (stat === undefined) continue;
    const child = node(entry.isDirectory() ? 'directory' : isWhiteout(stat) ? 'whiteout' : 'file', layer);
    child.bytes = BLOCK + (stat === 'plain' || !stat.isFile() ? 0 : Math.ceil(stat.size / BLOCK) * BLOCK);
    parent.children.set(entry.name, child);
    if (child.kind === 'directory') await readInto(child, join(path, entry.name), reading);
  }
}

/** Directories and links need no look; devices and files do. */
async function statOf(entry: Dirent, path: Buffer): Promise<Stats | 'plain' | undefined> {
  if (entry.isDirectory() || entry.isSymbolicLink() || entry.isFIFO()) return 'plain';
  return lstat(path).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
}

function isWhiteout(stat: Stats | 'plain'): boolean {
  return stat !== 'plain' && stat.isCharacterDevice() && stat.rdev === 0;
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR';
}

function node(kind: LayerNode['kind'], layer: number): LayerNode {
  return { kind, layer, bytes: 0, opaque: false, children: new Map() };
}

function place(directory: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, 'latin1')]);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

/** Calls `visit` for each path of a tree, parents first. */
export function walk(tree: LayerNode, visit: (path: string, node: LayerNode) => void, path = ''): void {
  for (const [name, child] of tree.children) {
    const below = join(path, name);
    visit(below, child);
    walk(child, visit, below);
  }
}

/** The node at a path. */
export function find(tree: LayerNode, path: string): LayerNode | undefined {
  let found: LayerNode | undefined = tree;
  for (const name of path.split('/').filter((part) => part !== '')) found = found?.children.get(name);
  return found;
}

/**
 * Puts a layer on top of others, as overlayfs shows them together, but keeps what hides the layers below both: whiteouts,
 * and directories that replaced something. Changes `below`.
 */
export function putOnTop(below: LayerNode, upper: LayerNode): void {
  for (const [name, up] of upper.children) {
    const known = below.children.get(name);
    if (up.kind === 'directory' && known?.kind === 'directory' && !up.opaque) {
      // What a directory is like is said by the topmost layer that has it.
      known.layer = up.layer;
      putOnTop(known, up);
    } else {
      if (up.kind === 'directory' && known !== undefined) up.opaque = true;
      below.children.set(name, up);
    }
  }
}

/** Bytes of a tar of the tree, without its end. */
export function totalBytes(tree: LayerNode): number {
  let bytes = 0;
  walk(tree, (_, { bytes: own, opaque }) => {
    bytes += own + (opaque ? BLOCK : 0);
  });
  return bytes;
}
