import { emptyEntry, tarOf, TAR_END } from './tar.ts';
import { walk, type LayerNode } from './tree.ts';

const WHITEOUT = '.wh.';
/** In a directory: what the layers below have in it is hidden. */
const OPAQUE = '.wh..wh..opq';

/**
 * A tree as the tar of an OCI layer: directories first, then marks for what was removed, then files. `directories` are
 * where its nodes lie, by their `layer`.
 */
export async function* layerStream(
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
