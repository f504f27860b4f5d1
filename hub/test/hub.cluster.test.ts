import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openServer, stopServer, type Server } from '@davit/contract';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KubeApi, loadKubeConfig } from '../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { List, Pod } from '../src/drivers/spawner/kubernetes/wire.ts';
import { randomId } from '../src/platform/random.ts';
import { clusterUp, type TestCluster } from './engine/cluster.ts';
import { createNamespace, execute, removePods } from './engine/kubernetesHarness.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import { freePort, HubProcess } from './hubProcess.ts';
import { enterServer } from './hubServers.ts';

const run = promisify(execFile);
const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);
const signal = () => AbortSignal.timeout(MINUTE);

/** A whole hub whose servers are pods. */
describe('a hub on a cluster', () => {
  const namespace = `davit-test-${randomId()}`;
  let cluster: TestCluster;
  let api: KubeApi;
  let hub: HubProcess;
  let ada: Person;
  let server: Server;

  beforeAll(async () => {
    cluster = await clusterUp();
    const build = join(import.meta.dirname, '..', 'src', 'buildImages.ts');
    await run(process.execPath, [build, '--push', `http://${cluster.registry}`, 'jupyterlab']);
    api = new KubeApi(loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }));
    await createNamespace(api, namespace);
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
      DAVIT_REGISTRY_PULL_HOST: cluster.registry,
      DAVIT_REGISTRY_PUSH_URL: `http://${cluster.registry}`,
    });
    ada = await newPerson(hub, await signIn(hub), 'ada');
  }, 20 * MINUTE);

  afterAll(async () => {
    await deleteAllServers(ada);
    await hub.dispose();
    await removePods(api, namespace);
    await api.call('DELETE', `/api/v1/namespaces/${namespace}`, { signal: signal() });
    await api.dispose();
  }, 2 * MINUTE);

  const pods = async () =>
    (await api.call<List<Pod>>('GET', `/api/v1/namespaces/${namespace}/pods`, { signal: signal() })).items;
  const status = async () => {
    const browser = await enterServer(hub, await ada.call(openServer, { params: { id: server.id }, body: {} }));
    return browser.status('/jupyterlab/api');
  };

  it('starts JupyterLab as a pod and lets its owner in', async () => {
    server = await newServer(ada, 'jupyterlab', 'work');
    await untilPhase(ada, server.id, ['running'], 4 * MINUTE);
    expect((await pods()).map(({ metadata }) => metadata?.labels?.['davit.server'])).toEqual([server.id]);
    expect(await status()).toBe(200);
  });

  it('knows code inside by the token of its pod', async () => {
    const [pod] = await pods();
    const ask = (token: string) =>
      execute(
        loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }),
        namespace,
        pod?.metadata?.name ?? '',
        `const answer = await fetch(process.env.DAVIT_API_URL + '/api/davit/v1/info', { headers: { authorization: 'Bearer ' + ${token} } });
         print([answer.status, (await answer.json()).server?.id ?? ''])`,
      );
    const own = await ask(`fs.readFileSync('/run/davit/token', 'utf8')`);
    expect(JSON.parse(own.output)).toEqual([200, server.id]);
    expect(JSON.parse((await ask(`'a.b.c'`)).output)).toEqual([401, '']);
  });

  it('finds its pods again after it was killed, and removes them when they are stopped', async () => {
    const [before] = await pods();
    await hub.kill('SIGKILL');
    await hub.launch();
    await untilPhase(ada, server.id, ['running'], MINUTE);
    expect((await pods()).map(({ metadata }) => metadata?.uid)).toEqual([before?.metadata?.uid]);
    expect(await status()).toBe(200);
    await ada.call(stopServer, { params: { id: server.id } });
    await untilPhase(ada, server.id, ['stopped'], MINUTE);
    expect(await pods()).toEqual([]);
  });
});
