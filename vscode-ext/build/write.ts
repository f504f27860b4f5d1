import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExtensionFiles } from './bundle.ts';

/** Makes `directory` hold exactly these files. */
export async function writeExtension(files: ExtensionFiles, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  for (const [path, content] of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
}
