import { Exec, type KubeConfig, type V1Status } from '@kubernetes/client-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { ServerRef } from '../../src/domains/servers/spawner.ts';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import type { ContainerHarness } from '../../src/drivers/spawner/containerConformance.ts';
import { connectEngine } from '../../src/drivers/spawner/docker/index.ts';
import {
  KubernetesSpawner,
  loadKubeConfig,
  type KubernetesSettings,
} from '../../src/drivers/spawner/kubernetes/index.ts';
import { KubeApi } from '../../src/drivers/spawner/kubernetes/kubeApi.ts';
import { CONTAINER, podName } from '../../src/drivers/spawner/kubernetes/settings.ts';
import { TEST_CLUSTER } from '../../src/drivers/spawner/kubernetes/testSettings.ts';
import type { List, Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';
import { createLog } from '../../src/platform/log.ts';
import { randomId } from '../../src/platform/random.ts';
import { askAgent, insideScript } from './askAgent.ts';
import { clusterUp, pushTestImage, type TestCluster } from './cluster.ts';

/** The kubernetes driver on the development cluster, with two hubs' instances in a namespace of its own. */
export interface KubernetesHarness extends ContainerHarness {
  spawner: KubernetesSpawner;
  settings: KubernetesSettings;
  config: KubeConfig;
  api: KubeApi;
}

const CALL_MS = 60_000;
const signal = () => AbortSignal.timeout(CALL_MS);

export async function kubernetesHarness(): Promise<KubernetesHarness> {
  const cluster = await clusterUp();
  const image = await testImage(cluster);
  const config = loadKubeConfig({ KUBECONFIG: cluster.kubeconfig });
  const api = new KubeApi(config);
  const [first, second] = [randomId(), randomId()];
  const namespace = `davit-test-${first}`;
  await createNamespace(api, namespace);
  const apiPort = await freePort();
  let deadly: string | undefined;
  const settings: KubernetesSettings = {
    instanceId: first,
    cluster: { ...TEST_CLUSTER, namespace, apiUrl: `http://${cluster.gateway}:${apiPort}` },
    diskLimitMb: 1024,
    log: createLog('silent'),
    onStep: (step) => {
      if (step !== deadly) return;
      deadly = undefined;
      throw new Error(`The hub died after ${step}.`);
    },
  };
  const spawner = new KubernetesSpawner(config, settings);
  const other = new KubernetesSpawner(config, { ...settings, instanceId: second });
  const inside = (ref: ServerRef, script: string) => execute(config, namespace, podName(first, ref.serverId), script);
  const ask = (ref: ServerRef, path: string) => askAgent({ spawner, inside }, ref, path);
  return {
    spawner,
    other,
    settings,
    config,
    api,
    image,
    apiPort,
    steps: ['prepare', 'create', 'run'],
    dieAfter: (step) => (deadly = step),
    exit: (ref, code) => ask(ref, `/exit?code=${code}`),
    exhaustMemory: (ref) => ask(ref, '/allocate'),
    print: (ref, line) => ask(ref, `/print?line=${encodeURIComponent(line)}`),
    ready: (ref) => ask(ref, '/'),
    tokenOf: async (ref) => (await inside(ref, `print(fs.readFileSync('/run/davit/token', 'utf8'))`)).output,
    inside,
    inspect: async (ref) =>
      JSON.stringify(
        await api.call<Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${podName(first, ref.serverId)}`, {
          signal: signal(),
        }),
      ),
    gateway: () => Promise.resolve(cluster.gateway),
    hidden: [
      '/run/containerd',
      '/run/davit-dev-cluster',
      '/var/lib/davit-dev-cluster',
      '/var/run/secrets/kubernetes.io',
    ],
    // The bridge of the development cluster enforces no NetworkPolicy.
    isolates: false,
    goneImage: `${cluster.registry}/davit/gone:1`,
    secretFile: { mode: 0o440, uid: 0 },
    tokenFile: { mode: 0o640, uid: 1000 },
    clear: () => removePods(api, namespace),
    dispose: async () => {
      await Promise.all([spawner.dispose(), other.dispose()]);
      await removePods(api, namespace);
      await api.call('DELETE', `/api/v1/namespaces/${namespace}`, { signal: signal() });
      await api.dispose();
    },
  };
}

/** Built and pushed by the engine of this machine. */
async function testImage(cluster: TestCluster) {
  const dataDir = await mkdtemp(join(tmpdir(), 'davit-test-'));
  const engine = await connectEngine({ dataDir, instanceId: randomId(), dockerHost: process.env['DOCKER_HOST'] });
  try {
    return await pushTestImage(engine, cluster);
  } finally {
    await engine.dispose();
    await rm(dataDir, { recursive: true, force: true });
  }
}

export async function createNamespace(api: KubeApi, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await api.call('POST', '/api/v1/namespaces', { body, signal: signal() });
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await eventually(() => api.call('GET', account, { signal: signal() }).catch(() => undefined), CALL_MS);
}

/** Runs JavaScript in a pod as its user. */
export async function execute(config: KubeConfig, namespace: string, pod: string, script: string) {
  const chunks: Buffer[] = [];
  const collect = () =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(Buffer.from(chunk));
        done();
      },
    });
  const command = ['/opt/davit/bin/node', '-e', insideScript(script)];
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec(namespace, pod, CONTAINER, command, collect(), collect(), null, false, resolve)
      .then((socket) => {
        socket.on('error', reject);
        socket.on('close', () => reject(new Error('The command ended without a word.')));
      }, reject);
  });
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  const code = status.status === 'Success' ? 0 : Number(cause ?? 1);
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}

/** All pods of a namespace, also those that a finalizer or a slow end keeps. */
export async function removePods(api: KubeApi, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { items } = await api.call<List<Pod>>('GET', path, { signal: signal() });
  await Promise.all(
    items.map(async ({ metadata }) => {
      const pod = `${path}/${metadata?.name}`;
      const ignore = () => undefined;
      const body = { metadata: { finalizers: null } };
      const contentType = 'application/merge-patch+json';
      await api.call('PATCH', pod, { body, contentType, signal: signal() }).catch(ignore);
      await api.call('DELETE', pod, { body: { gracePeriodSeconds: 0 }, signal: signal() }).catch(ignore);
    }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
