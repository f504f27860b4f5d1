import { Exec, type KubeConfig, type V1Status } from '@kubernetes/client-node';
import { createServer, type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import type { ServerRef } from '../../src/domains/servers/spawner.ts';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import type { ContainerHarness } from '../../src/drivers/spawner/containerConformance.ts';
import {
  KubernetesSpawner,
  loadKubeConfig,
  type KubernetesSettings,
} from '../../src/drivers/spawner/kubernetes/index.ts';
import { KubeApi } from '../../src/drivers/spawner/kubernetes/kubeApi.ts';
import { CONTAINER, podName } from '../../src/drivers/spawner/kubernetes/settings.ts';
import { TEST_CLUSTER } from '../../src/drivers/spawner/kubernetes/testSettings.ts';
import type { Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';
import { createLog } from '../../src/platform/log.ts';
import { randomId } from '../../src/platform/random.ts';
import { askAgent, insideScript } from './askAgent.ts';
import { clusterUp, pushTestImage } from './cluster.ts';
import { createNamespace, removeNamespace, removePods } from './namespaces.ts';

/** The kubernetes driver on the development cluster, with two hubs' instances in a namespace of its own. */
export interface KubernetesHarness extends ContainerHarness {
  spawner: KubernetesSpawner;
  settings: KubernetesSettings;
  config: KubeConfig;
  api: KubeApi;
  /** How often a loop of the driver failed, such as one that watches the cluster. */
  failedTicks(): number;
}

const CALL_MS = 60_000;
const signal = () => AbortSignal.timeout(CALL_MS);

/** `diskLimitMb`: what servers may write to their own layer. */
export async function kubernetesHarness(diskLimitMb = 1024): Promise<KubernetesHarness> {
  const cluster = await clusterUp();
  const image = await pushTestImage(cluster);
  const config = loadKubeConfig({ KUBECONFIG: cluster.kubeconfig });
  const api = new KubeApi(config);
  const [first, second] = [randomId(), randomId()];
  const namespace = `davit-test-${first}`;
  await createNamespace(api, namespace);
  const apiPort = await freePort();
  let deadly: string | undefined;
  let failed = 0;
  const log = createLog('silent');
  log.warn = (_told: unknown, message?: string) => {
    if (message === 'tick failed') failed += 1;
  };
  const settings: KubernetesSettings = {
    instanceId: first,
    cluster: { ...TEST_CLUSTER, namespace, apiUrl: `http://${cluster.gateway}:${apiPort}` },
    diskLimitMb,
    log,
    // How waits grow up to the usual half minute is tested with a watch of its own.
    timing: { maxWait: 2000 },
    onStep: (step) => {
      if (step !== deadly) return;
      deadly = undefined;
      throw new Error(`The hub died after ${step}.`);
    },
  };
  const spawner = new KubernetesSpawner(config, settings);
  const other = new KubernetesSpawner(config, { ...settings, instanceId: second });
  const inside = (ref: ServerRef, script: string) =>
    // A busy machine starts the container after ensure() stopped waiting; until then there is nothing to run in.
    eventually(() => execute(config, namespace, podName(first, ref.serverId), script).catch(notYet), CALL_MS);
  const ask = (ref: ServerRef, path: string) => askAgent({ spawner, inside }, ref, path);
  return {
    spawner,
    other,
    settings,
    config,
    api,
    image,
    failedTicks: () => failed,
    apiPort,
    steps: ['prepare', 'create', 'run'],
    dieAfter: (step) => (deadly = step),
    exit: (ref, code) => ask(ref, `/exit?code=${code}`),
    exhaustMemory: (ref) => ask(ref, '/allocate'),
    write: async (ref, bytes) => {
      const file = `require('node:fs').openSync('/home/davit/written', 'w')`;
      await inside(
        ref,
        `const file = ${file}; const part = Buffer.alloc(1e6, 1); for (let left = ${bytes}; left > 0; left -= 1e6) fs.writeSync(file, part); print(true)`,
      );
    },
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
    goneImage: `${cluster.registry}/davit/gone:1`,
    secretFile: { mode: 0o440, uid: 0 },
    tokenFile: { mode: 0o640, uid: 1000 },
    clear: () => removePods(api, namespace),
    dispose: async () => {
      await Promise.all([spawner.dispose(), other.dispose()]);
      await removeNamespace(api, namespace);
      await api.dispose();
    },
  };
}

function notYet(error: unknown): undefined {
  if (!(error instanceof Error) || !/response: (400|500)/.test(error.message)) throw error;
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
