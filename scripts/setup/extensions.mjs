import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, onceFor, step } from './run.mjs';

/** What is built where, and of what. Each puts its files below `dist/overlay`, by their place in an image. */
const EXTENSIONS = [
  { name: 'VS Code', folder: 'vscode-ext', script: 'build/overlay.ts' },
  { name: 'JupyterLab', folder: 'jupyterlab-ext', script: 'scripts/overlay.ts' },
];
const SHARED = ['shared/ui', 'shared/contract', 'package-lock.json', 'LICENSE'];

/** Builds the editors' extensions, which the images carry, when their sources have changed since the last build. */
export async function buildExtensions() {
  for (const { name, folder, script } of EXTENSIONS) {
    // Not inside the overlay, which goes into images file by file.
    const stamp = join(ROOT, folder, 'dist', '.built-from');
    await onceFor(stamp, [folder, ...SHARED], () =>
      step(`building the extension for ${name}`, 'node', [join(folder, script)]),
    );
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildExtensions();
