import { join } from 'node:path';
import type { Editor } from '@davit/contract';
import { readFolder, type ContextFile } from './contextFiles.ts';

/** Files that Davit adds to every image with that editor, by their paths from the image's root. */
export type Overlays = Partial<Record<Editor, ContextFile[]>>;

/** Where each editor's extension lies ready to be copied; `scripts/setup/extensions.mjs` makes these folders. */
const FOLDERS: Partial<Record<Editor, string>> = {
  'code-server': 'vscode-ext/dist/overlay',
  jupyterlab: 'jupyterlab-ext/dist/overlay',
};

/** Reads the extensions of a checkout; throws for one that is not built, for images without it would be half the thing. */
export async function loadOverlays(root: string): Promise<Overlays> {
  const overlays: Overlays = {};
  for (const [editor, folder] of Object.entries(FOLDERS) as [Editor, string][]) {
    const files = await readFolder(join(root, folder)).catch(() => []);
    if (files.length === 0) {
      throw new Error(`The extension for ${editor} is not built. Run: node scripts/setup/extensions.mjs`);
    }
    overlays[editor] = files;
  }
  return overlays;
}
