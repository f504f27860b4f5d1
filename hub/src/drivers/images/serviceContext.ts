import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleAgent } from './agentBundle.ts';
import { readContextFile, readFolder, type ContextFile } from './contextFiles.ts';

/** What the context of a service's image gets besides the files of its folder. Paths are relative to the repository. */
interface ServiceSources {
  /** File in the context → main file in TypeScript that becomes it, bundled with what it imports. */
  bundle: Record<string, string>;
  /** Files and folders that come in under their own paths. */
  include: readonly string[];
}

/** Packages are installed inside the image, for its own system. */
const INSTALLED = /(^|\/)node_modules\//;

/** Reads them; rejects for one that is missing or does not compile. */
export async function serviceContext(root: string, { bundle, include }: ServiceSources): Promise<ContextFile[]> {
  const files: ContextFile[] = [];
  for (const [path, entry] of Object.entries(bundle))
    files.push({ path, executable: false, content: await bundleAgent(join(root, entry)) });
  for (const path of include) files.push(...(await readIncluded(root, path)));
  return files;
}

async function readIncluded(root: string, path: string): Promise<ContextFile[]> {
  const folder = join(root, path);
  if (!(await stat(folder)).isDirectory()) return [await readContextFile(root, path)];
  const files = (await readFolder(folder)).filter((file) => !INSTALLED.test(file.path));
  return files.map((file) => ({ ...file, path: `${path}/${file.path}` }));
}
