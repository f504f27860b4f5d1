import { join } from 'node:path';
import { buildPages } from './pages.mjs';
import { ROOT, onceFor, step } from './run.mjs';

const STAMP = join(ROOT, 'deploy', 'hub', 'dist', '.built-from');
/** The images count too: the hub's own names the references of what was built of them. */
const SOURCES = ['hub', 'images', 'shared', 'jupyterlab-ext', 'vscode-ext', 'package-lock.json', 'LICENSE'];

/** Makes what the hub's image consists of when its sources have changed. The extensions have to be built. */
await buildPages();
await onceFor(STAMP, SOURCES, () => step("staging the hub's image", 'node', [join(ROOT, 'hub/src/stageImage.ts')]));
