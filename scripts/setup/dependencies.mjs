import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, contentHash, step } from './run.mjs';

const STAMP = join(ROOT, 'node_modules', '.davit-installed');

/** Installs the npm packages of the lock file, once for each content of it. */
export async function installDependencies() {
  const wanted = contentHash(['package-lock.json']);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  await step('installing npm packages (about a minute)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(STAMP, wanted);
}
