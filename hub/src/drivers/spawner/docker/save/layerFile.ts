import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { emptyEntry, tarOf, TAR_END } from './tar.ts';
import { walk, type LayerNode } from './tree.ts';

const WHITEOUT = '.wh.';
/** In a directory: what the layers below have in it is hidden. */
const OPAQUE = '.wh..wh..opq';

/** A layer as a tar on the disk. */
export interface LayerFile {
  /** `sha256:…` of the tar. */
  digest: string;
  bytes: number;
}

export interface WriteOptions {
  signal: AbortSignal;
  /** Bytes written so far. */
  onBytes: (bytes: number) => void;
}

/**
 * Writes a tree as an OCI layer: directories first, then marks for what was removed, then files. `directories` are where
 * its nodes lie, by their `layer`.
 */
export async function writeLayer(
  tree: LayerNode,
  directories: readonly string[],
  path: string,
  { signal, onBytes }: WriteOptions,
): Promise<LayerFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      yield chunk;
    }
  };
  await pipeline(layerBytes(tree, directories, signal), counted, createWriteStream(path, { mode: 0o600 }), { signal });
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}

async function* layerBytes(
  tree: LayerNode,
  directories: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { folders, files, marks } = sorted(tree, directories.length);
  for (const [layer, paths] of folders.entries()) yield* tarOf(directories[layer] ?? '', paths, signal);
  if (marks.length > 0) yield Buffer.concat(marks.map(emptyEntry));
  for (const [layer, paths] of files.entries()) yield* tarOf(directories[layer] ?? '', paths, signal);
  yield TAR_END;
}

function sorted(tree: LayerNode, layers: number) {
  const folders: string[][] = Array.from({ length: layers }, () => []);
  const files: string[][] = Array.from({ length: layers }, () => []);
  const marks: string[] = [];
  walk(tree, (path, { kind, layer, opaque }) => {
    if (kind === 'whiteout') marks.push(whiteoutOf(path));
    else (kind === 'directory' ? folders : files)[layer]?.push(path);
    if (opaque) marks.push(`${path}/${OPAQUE}`);
  });
  return { folders, files, marks };
}

function whiteoutOf(path: string): string {
  const at = path.lastIndexOf('/') + 1;
  return `${path.slice(0, at)}${WHITEOUT}${path.slice(at)}`;
}
