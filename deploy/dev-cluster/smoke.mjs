import { join } from 'node:path';
import { SetupError } from '../../scripts/setup/run.mjs';
import { kubectl } from './src/api.mjs';
import { BIN } from './src/binaries.mjs';
import { GPU, capacityOf, setCapacity } from './src/gpus.mjs';
import { pushProgramImage } from './src/images.mjs';
import { otherKubeconfig } from './src/owner.mjs';
import { pidOf } from './src/processes.mjs';
import { NODE } from './src/settings.mjs';
import { IMAGE, RUN_NAME, create, eventually, expect, here, outputOf, phaseOf, startPod } from './src/smokePods.mjs';

/** `npm run cluster:smoke`: whether the development cluster does what the project's tests need of one. */
async function main() {
  if (otherKubeconfig() !== undefined)
    throw new SetupError("KUBECONFIG names another cluster; this tests the machine's own.");
  if (pidOf('kube-apiserver') === undefined) throw new SetupError('The cluster is not up: npm run cluster:up');
  kubectl(['create', 'namespace', RUN_NAME]);
  let failed = 0;
  for (const [name, check] of Object.entries(CHECKS)) {
    const began = Date.now();
    const problem = await Promise.resolve()
      .then(check)
      .then(
        () => undefined,
        (error) => String(error.message),
      );
    if (problem !== undefined) failed += 1;
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    process.stdout.write(
      `${problem === undefined ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)${problem ? `: ${problem}` : ''}\n`,
    );
  }
  kubectl(['delete', 'namespace', RUN_NAME]);
  process.stdout.write(`\n${Object.keys(CHECKS).length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** @type {Record<string, () => unknown>} */
const CHECKS = {
  'the node is Ready': () => {
    const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    expect(kubectl(['get', 'node', NODE, '--output', ready]) === 'True', 'it is not');
  },

  'an image is pushed into the registry, a pod of it runs, and its log is read': async () => {
    await pushProgramImage(IMAGE, join(BIN, 'probe'), 'probe');
    startPod('hello', ['print', 'hello from a pod']);
    const text = await outputOf('hello');
    expect(text === 'hello from a pod', `the log is "${text}"`);
  },

  'a claim is bound, and what one pod writes another reads': async () => {
    const spec = { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } };
    create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec });
    await eventually('the claim bound', () => here('get', 'pvc', 'data', '-o', 'jsonpath={.status.phase}') === 'Bound');
    startPod('writer', ['write', '/data/note', 'kept'], { claim: 'data' });
    const said = await outputOf('writer');
    expect(phaseOf('writer') === 'Succeeded', `the writer says "${said}"`);
    startPod('reader', ['read', '/data/note'], { claim: 'data' });
    const text = await outputOf('reader');
    expect(text === 'kept', `the other pod read "${text}"`);
  },

  'a Service answers inside the cluster by its name': async () => {
    startPod('web', ['serve', 'served']);
    const ports = [{ port: 80, targetPort: 8080 }];
    create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports } });
    startPod('client', ['get', `http://web.${RUN_NAME}.svc.cluster.local/`]);
    const text = await outputOf('client');
    expect(text === 'served', `the answer is "${text}"`);
  },

  "a service account's token for an audience is known, and the account has no rights": () => {
    const token = here('create', 'token', 'default', '--audience=smoke');
    const apiVersion = 'authentication.k8s.io/v1';
    const known = create({ apiVersion, kind: 'TokenReview', spec: { token, audiences: ['smoke'] } }).status;
    expect(known.authenticated === true, `the review says ${JSON.stringify(known)}`);
    const foreign = create({ apiVersion, kind: 'TokenReview', spec: { token, audiences: ['other'] } }).status;
    expect(foreign.authenticated !== true, 'the token is good for another audience too');
    const resourceAttributes = { namespace: RUN_NAME, verb: 'list', resource: 'pods' };
    const spec = { user: `system:serviceaccount:${RUN_NAME}:default`, resourceAttributes };
    const review = create({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec });
    expect(review.status.allowed === false, 'it may list pods');
  },

  'of five pods that want a card on a node of four one waits, and starts when a card is free': async () => {
    const before = capacityOf(GPU);
    setCapacity(GPU, 4);
    try {
      const first = ['card-1', 'card-2', 'card-3', 'card-4'];
      for (const pod of first) startPod(pod, ['serve', 'x'], { gpus: 1 });
      for (const pod of first) await eventually(`${pod} running`, () => phaseOf(pod) === 'Running');
      startPod('card-5', ['serve', 'x'], { gpus: 1 });
      const reason = 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}';
      await eventually('the fifth said to lack a card', () => here('get', 'pod', 'card-5', '-o', reason).includes(GPU));
      expect(phaseOf('card-5') === 'Pending', `the fifth is ${phaseOf('card-5')}`);
      here('delete', 'pod', 'card-1');
      await eventually('the fifth running', () => phaseOf('card-5') === 'Running');
    } finally {
      setCapacity(GPU, before);
    }
  },
};

main().catch((error) => {
  process.stderr.write(`\ndavit: ${error instanceof SetupError ? error.message : String(error?.stack ?? error)}\n`);
  process.exitCode = 1;
});
