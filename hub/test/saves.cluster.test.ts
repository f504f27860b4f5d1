import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createServer,
  getImageJob,
  getImageJobLog,
  previewSave,
  saveServer,
  stopServer,
  type ImageJob,
  type Server,
} from '@davit/contract';
import { loadKubeConfig, KubeApi } from '../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { List, Pod } from '../src/drivers/spawner/kubernetes/wire.ts';
import { randomId } from '../src/platform/random.ts';
import { clusterUp, type TestCluster } from './engine/cluster.ts';
import { deploySaver, type TestSaver } from './engine/imageSaver.ts';
import { execute } from './engine/kubernetesHarness.ts';
import { createNamespace, removePods } from './engine/namespaces.ts';
import { SavedImages } from './engine/savedImages.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import { freePort, HubProcess } from './hubProcess.ts';

const run = promisify(execFile);
const MINUTE = 60_000;
jest.setTimeout(10 * MINUTE);
const signal = () => AbortSignal.timeout(MINUTE);

/** Saves of a real hub from a real JupyterLab in a pod; the hub and the image saver are killed in the middle. */
describe('a hub that saves servers on a cluster', () => {
  const namespace = `davit-test-${randomId()}`;
  const saversNamespace = `${namespace}-saver`;
  let cluster: TestCluster;
  let api: KubeApi;
  let hub: HubProcess;
  let saver: TestSaver;
  let keys: string;
  let ada: Person;
  let server: Server;

  beforeAll(async () => {
    cluster = await clusterUp();
    const build = join(import.meta.dirname, '..', 'src', 'buildImages.ts');
    await run(process.execPath, [build, '--push', `http://${cluster.registry}`, 'jupyterlab']);
    api = new KubeApi(loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }));
    await createNamespace(api, namespace);
    await createNamespace(api, saversNamespace);
    saver = await deploySaver(api, cluster, saversNamespace);
    keys = await mkdtemp(join(tmpdir(), 'davit-keys-'));
    await writeFile(join(keys, 'tls.key'), saver.keys.key, { mode: 0o600 });
    await writeFile(join(keys, 'tls.crt'), saver.keys.certificate);
    const apiPort = await freePort();
    hub = await HubProcess.start({
      KUBECONFIG: cluster.kubeconfig,
      DAVIT_ENGINE: 'kubernetes',
      DAVIT_API_PORT: String(apiPort),
      DAVIT_KUBE_NAMESPACE: namespace,
      DAVIT_KUBE_API_URL: `http://${cluster.gateway}:${apiPort}`,
      DAVIT_KUBE_API_HOST: cluster.gateway,
      DAVIT_KUBE_HUB_RANGES: `${cluster.gateway}/32`,
      DAVIT_KUBE_VOLUME_SIZE: '1Gi',
      DAVIT_KUBE_SAVER_NAMESPACE: saversNamespace,
      DAVIT_KUBE_SAVER_LABELS: 'app.kubernetes.io/component=image-saver',
      DAVIT_SIGNING_KEY_FILE: join(keys, 'tls.key'),
      DAVIT_SIGNING_CERT_FILE: join(keys, 'tls.crt'),
      DAVIT_REGISTRY_PULL_HOST: cluster.registry,
      DAVIT_REGISTRY_PUSH_URL: `http://${cluster.registry}`,
    });
    ada = await newPerson(hub, await signIn(hub), 'ada');
    server = await newServer(ada, 'jupyterlab', 'Env of Ada');
    server = await untilPhase(ada, server.id, ['running'], 4 * MINUTE);
    await inside(
      server,
      `fs.writeFileSync('/opt/venv/lib/python3.11/site-packages/saved_greeting.py', 'TEXT = "hello from the save"');
       fs.writeFileSync('/home/davit/data.bin', require('node:crypto').randomBytes(300_000_000));`,
    );
  }, 20 * MINUTE);

  afterAll(async () => {
    await deleteAllServers(ada);
    await hub.dispose();
    await removePods(api, namespace);
    for (const name of [namespace, saversNamespace]) {
      await api.call('DELETE', `/api/v1/namespaces/${name}`, { signal: signal() });
    }
    await api.dispose();
    await rm(keys, { recursive: true, force: true });
  }, 3 * MINUTE);

  async function inside({ id }: Server, script: string): Promise<string> {
    const query = { labelSelector: `davit.server=${id}` };
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { items } = await api.call<List<Pod>>('GET', path, { query, signal: signal() });
    const config = loadKubeConfig({ KUBECONFIG: cluster.kubeconfig });
    const { code, output } = await execute(config, namespace, items[0]?.metadata?.name ?? '', script);
    if (code !== 0) throw new Error(output);
    return output;
  }

  async function until(id: string, isSo: (job: ImageJob) => boolean): Promise<ImageJob> {
    const deadline = Date.now() + 5 * MINUTE;
    for (;;) {
      const job = await ada.call(getImageJob, { params: { id } });
      if (isSo(job)) return job;
      if (Date.now() > deadline) throw new Error(`The job is still ${job.phase}.`);
      await sleep(50);
    }
  }

  const save = (version: string) => ada.call(saveServer, { params: { id: server.id }, body: { name: 'env', version } });
  const linesOf = async (id: string) => (await ada.call(getImageJobLog, { params: { id } })).lines;
  const isOnItsWay = ({ bytesDone }: ImageJob) => (bytesDone ?? 0) > 1_000_000;

  it('ends a save in one image when the hub is killed in the middle', async () => {
    const asked = await save('1');
    await until(asked.id, isOnItsWay);
    await hub.kill('SIGKILL');
    await hub.launch();
    const job = await until(asked.id, ({ endedAt }) => endedAt !== null);
    expect(job).toMatchObject({ phase: 'done', percent: 100, reason: null });
    expect(await linesOf(job.id)).toContain('Beginning again.');
    const images = new SavedImages(cluster);
    const ref = `${cluster.registry}/saved/${ada.userId}/${job.imageId}:1`;
    expect([await images.has(ref), await images.uploads(ref)]).toEqual([true, []]);
  });

  it('tells in words that the image saver was killed, and tries again', async () => {
    const asked = await save('2');
    await until(asked.id, isOnItsWay);
    await saver.remove();
    const job = await until(asked.id, ({ endedAt }) => endedAt !== null);
    const lines = (await linesOf(job.id)).join('\n');
    expect(lines).toMatch(/It did not work: The image saver .* was stopped in the middle of the save/);
    expect([job.phase, job.reason]).toEqual(['done', null]);
  });

  it('starts a server from the image, with what was installed', async () => {
    const preview = await ada.call(previewSave, { params: { id: server.id } });
    expect(preview.changedBytes).toBeGreaterThan(300_000_000);
    expect(preview.notSaved.map(({ path }) => path)).toContain('/data/private/default');
    const job = await until((await save('3')).id, ({ endedAt }) => endedAt !== null);
    expect(job.phase).toBe('done');
    await ada.call(stopServer, { params: { id: server.id } });
    const body = { name: 'from the save', imageId: job.imageId ?? '', start: true };
    const next = await ada.call(createServer, { body });
    await untilPhase(ada, next.id, ['running'], 4 * MINUTE);
    const script = `print(require('node:child_process').execFileSync('/opt/venv/bin/python', ['-c', 'import saved_greeting; print(saved_greeting.TEXT)']).toString())`;
    expect(await inside(next, script)).toBe('hello from the save\n');
  });
});
