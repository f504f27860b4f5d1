import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, contentHash, step } from './run.mjs';

const DIST = join(ROOT, 'hub', 'web', 'dist');
const STAMP = join(DIST, '.built-from');

/** Builds the hub's pages when their sources have changed since the last build. */
export async function buildPages() {
  const wanted = contentHash(['hub/web', 'shared/ui', 'shared/contract', 'package-lock.json']);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await step('building the pages', 'node', ['node_modules/vite/bin/vite.js', 'build', 'hub/web', '--logLevel=warn']);
  writeFileSync(STAMP, wanted);
}
