import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError, say } from '../../../scripts/setup/run.mjs';
import { ask, kubectl } from './api.mjs';
import { BIN, ensureBinaries } from './binaries.mjs';
import { ensureCertificates } from './certificates.mjs';
import { writeConfiguration } from './configuration.mjs';
import { removeRemains } from './down.mjs';
import { PAUSE_IMAGE, hasImage, pushProgramImage, registryAnswers } from './images.mjs';
import { ensurePackages } from './machine.mjs';
import { containerdAnswers, makeCgroup } from './node.mjs';
import { raiseNetwork, refuseTakenNetwork } from './network.mjs';
import { becomeOwner, currentOwner, refuseOther } from './owner.mjs';
import { parts } from './parts.mjs';
import { runningParts, startPart, until, waitForPart } from './processes.mjs';
import { DATA, ETCD, KUBECONFIG, NODE, REGISTRY } from './settings.mjs';

const LOGS = join(DATA, 'logs');
/** After the API server was away, a kubelet takes up to two minutes to come back by itself. */
const READY_MS = 240_000;
const MANIFESTS = join(dirname(fileURLToPath(import.meta.url)), '..', 'cluster.yaml');

/** Brings the cluster up, or what of it does not run. */
export async function up() {
  const owner = currentOwner();
  refuseOther(owner);
  await ensurePackages();
  await ensureBinaries();
  const began = Date.now();
  const tell = (/** @type {string} */ what) =>
    say(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${what}`);

  const isOld = owner !== undefined && owner.programs !== BIN;
  if (owner !== undefined && (isOld || runningParts().length === 0)) await removeRemains(owner.data);
  if (runningParts().length === 0) refuseTakenNetwork();
  becomeOwner();
  mkdirSync(DATA, { recursive: true, mode: 0o711 });
  ensureCertificates(DATA);
  writeConfiguration(DATA);
  makeCgroup();
  raiseNetwork();

  const { base, rest } = parts(DATA);
  for (const part of base) await startPart(part, LOGS);
  await waitForBase();
  tell('the API server answers');
  if (!(await hasImage(PAUSE_IMAGE))) await pushProgramImage(PAUSE_IMAGE, join(BIN, 'pause'), 'pause');
  /** @type {Set<string>} */
  const started = new Set();
  for (const part of rest) if (await startPart(part, LOGS)) started.add(part.name);
  // What runs already has them; the command takes as long as all the rest then.
  if (started.size > 0) kubectl(['apply', '--filename', MANIFESTS]);
  await waitForNode(started.has('kubelet') ? began : 0);
  tell('the node is Ready');
  await waitForPart(
    'kube-controller-manager',
    () => ask(DATA, '/api/v1/namespaces/default/serviceaccounts/default'),
    LOGS,
  );
  tell('service accounts are there');
  sayHow();
}

async function waitForBase() {
  await waitForPart('etcd', async () => (await fetch(`${ETCD}/health`)).ok, LOGS);
  await waitForPart('containerd', containerdAnswers, LOGS);
  await waitForPart('docker-registry', registryAnswers, LOGS);
  await waitForPart('kube-apiserver', () => ask(DATA, '/readyz'), LOGS);
}

/**
 * Waits until the node says that it is Ready. After a restart etcd still holds what it said before.
 * @param {number} since  a word older than this does not count; milliseconds
 */
async function waitForNode(since) {
  let message = `see ${LOGS}/kubelet.log`;
  const isReady = await until(async () => {
    const node = JSON.parse(await ask(DATA, `/api/v1/nodes/${NODE}`));
    const ready = node.status.conditions.find((/** @type {{type: string}} */ { type }) => type === 'Ready');
    message = ready.message;
    // The API tells times in whole seconds.
    return ready.status === 'True' && Date.parse(ready.lastHeartbeatTime) >= since - 1000;
  }, READY_MS);
  if (!isReady) throw new SetupError(`The node is not Ready: ${message}`);
}

function sayHow() {
  say(`the cluster is up. Registry: ${REGISTRY} (plain http). kubectl and helm: ${BIN}`);
  say(`export KUBECONFIG=${KUBECONFIG}`);
}
