import { randomBytes } from 'node:crypto';
import { kubectl } from './api.mjs';
import { GPU } from './gpus.mjs';
import { until } from './processes.mjs';
import { REGISTRY } from './settings.mjs';

/** Each run has a namespace and an image of its own. */
export const RUN_NAME = `smoke-${randomBytes(3).toString('hex')}`;
export const IMAGE = `${REGISTRY}/davit-dev/probe:${RUN_NAME}`;

/** kubectl in the run's namespace. @param {string[]} args */
export const here = (...args) => kubectl(['--namespace', RUN_NAME, ...args]);

/** @param {object} resource  @returns {any} what the API server made of it */
export function create(resource) {
  const args = ['--namespace', RUN_NAME, 'create', '--filename', '-', '--output', 'json'];
  return JSON.parse(kubectl(args, JSON.stringify(resource)));
}

/** @param {unknown} condition @param {string} message */
export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

/** @param {string} what @param {() => unknown} probe */
export async function eventually(what, probe) {
  expect(await until(probe, 40_000), `did not come in 40 s: ${what}`);
}

/**
 * Starts a pod of the probe image as an ordinary user without privileges.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {{claim?: string, gpus?: number}} [options]
 */
export function startPod(name, args, { claim, gpus } = {}) {
  const container = {
    name: 'probe',
    image: IMAGE,
    imagePullPolicy: 'Always',
    args,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    resources: gpus === undefined ? {} : { limits: { [GPU]: String(gpus) } },
    volumeMounts: claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }],
  };
  const spec = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    securityContext: { runAsUser: 1000, runAsNonRoot: true, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
    volumes: claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
  };
  create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec });
}

/** @param {string} pod */
export const phaseOf = (pod) => here('get', 'pod', pod, '--output', 'jsonpath={.status.phase}');

/** What a pod printed until its end. @param {string} pod */
export async function outputOf(pod) {
  await eventually(`the end of pod ${pod}`, () => ['Succeeded', 'Failed'].includes(phaseOf(pod)));
  return here('logs', pod);
}
