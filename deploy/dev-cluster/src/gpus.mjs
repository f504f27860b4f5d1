import { SetupError, say } from '../../../scripts/setup/run.mjs';
import { kubectl } from './api.mjs';
import { NODE } from './settings.mjs';

export const GPU = 'nvidia.com/gpu';

/**
 * Makes the node say that it has cards, as a device plugin would. Pods can ask for them and get them counted; there is
 * no device behind.
 * @param {string} resource
 * @param {number} count  0 removes the resource
 */
export function setCapacity(resource, count) {
  const amount = { [resource]: count === 0 ? null : String(count) };
  const patch = JSON.stringify({ status: { capacity: amount, allocatable: amount } });
  kubectl(['patch', 'node', NODE, '--subresource=status', '--type=merge', '--patch', patch]);
}

/** How many the node says it has. @param {string} resource */
export function capacityOf(resource) {
  const field = `jsonpath={.status.capacity.${resource.replaceAll('.', '\\.')}}`;
  return Number(kubectl(['get', 'node', NODE, '--output', field]) || '0');
}

/** `npm run cluster:gpus -- <count> [<resource>]`. @param {string} count @param {string} resource */
export function declareGpus(count = '', resource = GPU) {
  if (!/^\d{1,4}$/.test(count)) {
    throw new SetupError('How many? For example: npm run cluster:gpus -- 4   (or: -- 2 amd.com/gpu)');
  }
  setCapacity(resource, Number(count));
  say(`${NODE} has ${capacityOf(resource)} of ${resource}`);
}
