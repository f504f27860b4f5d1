import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SetupError, say } from '../../../scripts/setup/run.mjs';
import { BIN } from './binaries.mjs';
import { runningParts } from './processes.mjs';
import { DATA, KUBECONFIG, RUN } from './settings.mjs';

const OWNER = join(RUN, 'owner.json');
const LOCK = '/run/davit-dev-cluster.lock';
const IS_LOCKED = 'DAVIT_CLUSTER_LOCKED';
const BUSY = 75;

/** @typedef {{data: string, checkout: string, programs: string, boot: string}} Owner */

/**
 * Runs this program again under the machine's lock, so that only one at a time changes the cluster. The lock ends with the
 * process, however it ends. Returns true in the process that holds it.
 */
export function holdsLock() {
  if (process.env[IS_LOCKED] !== undefined) return true;
  const run = (/** @type {string[]} */ ...options) =>
    spawnSync('flock', ['--close', ...options, LOCK, process.execPath, ...process.argv.slice(1)], {
      stdio: 'inherit',
      env: { ...process.env, [IS_LOCKED]: '1' },
    });
  let result = run('--nonblock', '--conflict-exit-code', String(BUSY));
  if (result.status === BUSY) {
    say('another cluster command runs on this machine; waiting for it');
    result = run();
  }
  process.exitCode = result.status ?? 1;
  return false;
}

/** Whose cluster holds the bridge and the run directory; after a reboot nobody's. @returns {Owner | undefined} */
export function currentOwner() {
  if (!existsSync(OWNER)) return undefined;
  const owner = JSON.parse(readFileSync(OWNER, 'utf8'));
  if (owner.boot === bootId()) return owner;
  rmSync(RUN, { recursive: true, force: true });
  return undefined;
}

/** Notes that this checkout's cluster is the machine's. */
export function becomeOwner() {
  mkdirSync(RUN, { recursive: true, mode: 0o711 });
  writeFileSync(OWNER, JSON.stringify({ data: DATA, checkout: ROOT, programs: BIN, boot: bootId() }));
}

/** Refuses when the cluster of another checkout runs. A checkout that is gone cannot object. @param {Owner | undefined} owner */
export function refuseOther(owner) {
  if (owner === undefined || owner.data === DATA || !existsSync(owner.checkout) || runningParts().length === 0) return;
  throw new SetupError(
    `The cluster of another checkout runs: ${owner.checkout} (data in ${owner.data}).
To use that one:  export KUBECONFIG=${join(owner.data, 'kubeconfig')}
To end it:        run "npm run cluster:down" in ${owner.checkout}`,
  );
}

/** Another cluster was named by KUBECONFIG: then this machine's is not touched. */
export function otherKubeconfig() {
  const named = process.env['KUBECONFIG'];
  return named === undefined || named === '' || named === KUBECONFIG ? undefined : named;
}

function bootId() {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
