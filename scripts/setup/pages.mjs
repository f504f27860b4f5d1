import { join } from 'node:path';
import { ROOT, onceFor, step } from './run.mjs';

const STAMP = join(ROOT, 'hub', 'web', 'dist', '.built-from');
const SOURCES = ['hub/web', 'shared/ui', 'shared/contract', 'package-lock.json'];

/** Builds the hub's pages when their sources have changed since the last build. */
export async function buildPages() {
  await onceFor(STAMP, SOURCES, () =>
    step('building the pages', 'node', ['node_modules/vite/bin/vite.js', 'build', 'hub/web', '--logLevel=warn']),
  );
}
