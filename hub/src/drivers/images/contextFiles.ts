import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** One file of a build context: its path inside the context with `/`, whether it may be executed, and its bytes. */
export interface ContextFile {
  path: string;
  executable: boolean;
  content: Uint8Array;
}

/** Describes an image in its folder; not a part of it. */
export const MANIFEST = 'image.json';
const TEST = /\.test\.[jt]sx?$/;

/** All files below a folder, sorted by path, without `image.json` and tests, which are part of no layer. */
export async function readFolder(directory: string): Promise<ContextFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path !== MANIFEST && !TEST.test(path))
    .sort();
  return Promise.all(paths.map((path) => readContextFile(directory, path)));
}

/** One file by its path below `directory`. */
export async function readContextFile(directory: string, path: string): Promise<ContextFile> {
  const file = join(directory, path);
  return { path, executable: ((await stat(file)).mode & 0o100) !== 0, content: await readFile(file) };
}
