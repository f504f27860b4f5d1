import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openServer, stopServer, type Server } from '@davit/contract';
import { loadKubeConfig } from '../src/drivers/spawner/kubernetes/kubeApi.ts';
import { ClusterHub } from './clusterHub.ts';
import { clusterUp, type TestCluster } from './engine/cluster.ts';
import { execute } from './engine/kubernetesHarness.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import type { HubProcess } from './hubProcess.ts';
import { enterServer } from './hubServers.ts';

const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);

/** A whole hub whose servers are pods. */
describe('a hub on a cluster', () => {
  let cluster: TestCluster;
  let onCluster: ClusterHub;
  let hub: HubProcess;
  let ada: Person;
  let server: Server;

  beforeAll(async () => {
    cluster = await clusterUp();
    onCluster = await ClusterHub.start(cluster, ['jupyterlab']);
    ({ hub } = onCluster);
    ada = await newPerson(hub, await signIn(hub), 'ada');
  }, 20 * MINUTE);

  afterAll(async () => {
    await deleteAllServers(ada);
    await onCluster.dispose();
  }, 2 * MINUTE);

  const status = async () => {
    const browser = await enterServer(hub, await ada.call(openServer, { params: { id: server.id }, body: {} }));
    return browser.status('/jupyterlab/api');
  };

  it('starts JupyterLab as a pod and lets its owner in', async () => {
    server = await newServer(ada, 'jupyterlab', 'work');
    await untilPhase(ada, server.id, ['running'], 4 * MINUTE);
    expect((await onCluster.pods()).map(({ metadata }) => metadata?.labels?.['davit.server'])).toEqual([server.id]);
    expect(await status()).toBe(200);
  });

  it('knows code inside by the token of its pod', async () => {
    const [pod] = await onCluster.pods();
    const ask = (token: string) =>
      execute(
        loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }),
        onCluster.namespace,
        pod?.metadata?.name ?? '',
        `const answer = await fetch(process.env.DAVIT_API_URL + '/api/davit/v1/info', { headers: { authorization: 'Bearer ' + ${token} } });
         print([answer.status, (await answer.json()).server?.id ?? ''])`,
      );
    const own = await ask(`fs.readFileSync('/run/davit/token', 'utf8')`);
    expect(JSON.parse(own.output)).toEqual([200, server.id]);
    expect(JSON.parse((await ask(`'a.b.c'`)).output)).toEqual([401, '']);
  });

  it('finds its pods again after it was killed, and removes them when they are stopped', async () => {
    const [before] = await onCluster.pods();
    await hub.kill('SIGKILL');
    await hub.launch();
    await untilPhase(ada, server.id, ['running'], MINUTE);
    expect((await onCluster.pods()).map(({ metadata }) => metadata?.uid)).toEqual([before?.metadata?.uid]);
    expect(await status()).toBe(200);
    await ada.call(stopServer, { params: { id: server.id } });
    await untilPhase(ada, server.id, ['stopped'], MINUTE);
    expect(await onCluster.pods()).toEqual([]);
  });
});
