import { spawnSync } from 'node:child_process';
import { SetupError } from '../../scripts/setup/run.mjs';
import { ensureHelm } from '../dev-cluster/src/binaries.mjs';

/** `node deploy/helm/helm.mjs …` is helm, of the version that this repository pins, on any machine with Go or pip. */
try {
  process.exitCode = spawnSync(await ensureHelm(), process.argv.slice(2), { stdio: 'inherit' }).status ?? 1;
} catch (/** @type {any} */ error) {
  process.stderr.write(`davit: ${error instanceof SetupError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
