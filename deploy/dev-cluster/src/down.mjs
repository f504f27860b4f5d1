import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../../scripts/setup/run.mjs';
import { lowerNetwork } from './network.mjs';
import { containerdAnswers, removeCgroup, removeContainers, removeLogLinks, unmountBelow } from './node.mjs';
import { currentOwner, refuseOther } from './owner.mjs';
import { parts } from './parts.mjs';
import { startPart, stopParts, waitForPart } from './processes.mjs';
import { DATA, RUN } from './settings.mjs';

/**
 * Ends the cluster; its data stay, and `up` goes on with the same cluster.
 * @param {{purge: boolean}} options  `purge`: also remove the data of this checkout's cluster
 */
export async function down({ purge }) {
  const began = Date.now();
  const owner = currentOwner();
  refuseOther(owner);
  if (owner !== undefined) await removeRemains(owner.data);
  if (purge) rmSync(DATA, { recursive: true, force: true });
  const what = owner === undefined ? 'the cluster was not up' : 'the cluster is down';
  say(`${what} (${((Date.now() - began) / 1000).toFixed(1)} s)${purge ? ', its data are removed' : ''}`);
}

/** Ends every process of a cluster and removes what it made on the machine beside its data. @param {string} data directory */
export async function removeRemains(data) {
  const { base, rest } = parts(data);
  const names = rest.map(({ name }) => name);
  await stopParts(names);
  await stopParts(['kube-apiserver']);
  await endContainers(data);
  await stopParts(base.map(({ name }) => name));
  lowerNetwork();
  for (const directory of [data, RUN]) unmountBelow(directory);
  removeLogLinks(data);
  removeCgroup();
  // Addresses that ended pods held.
  rmSync(join(data, 'addresses'), { recursive: true, force: true });
  rmSync(RUN, { recursive: true, force: true });
}

/** Ends the containers; those of a containerd that has died are found again by a new one. @param {string} data */
async function endContainers(data) {
  const tasks = join(RUN, 'containerd', 'io.containerd.runtime.v2.task', 'k8s.io');
  if (!existsSync(tasks) || readdirSync(tasks).length === 0) return;
  const logs = join(data, 'logs');
  for (const part of parts(data).base.filter(({ name }) => name === 'containerd')) await startPart(part, logs);
  await waitForPart('containerd', containerdAnswers, logs);
  removeContainers();
}
