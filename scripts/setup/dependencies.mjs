import { join } from 'node:path';
import { ROOT, onceFor, step } from './run.mjs';

const STAMP = join(ROOT, 'node_modules', '.davit-installed');

/** Installs the npm packages of the lock file, once for each content of it. */
export async function installDependencies() {
  await onceFor(STAMP, ['package-lock.json'], () =>
    step('installing npm packages (about a minute)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']),
  );
}
