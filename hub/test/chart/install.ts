import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { KubeApi, loadKubeConfig } from '../../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { List, Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';
import { clusterUp, type TestCluster } from '../engine/cluster.ts';
import { createNamespace, removePods } from '../engine/kubernetesHarness.ts';
import { ADMIN } from '../hubProcess.ts';
import { CHART, helm } from './render.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const MINUTE = 60_000;
const ADMIN_SECRET = 'davit-admin';
const signal = () => AbortSignal.timeout(MINUTE);

export interface ChartOptions {
  /** Namespace of the hub; that of servers has `-servers` behind it. Both are made, and removed in the end. */
  namespace: string;
  /** Images for servers that are pushed besides the parts of Davit. */
  images: string[];
  /** Values of the chart, over those that a trial on the development cluster needs. */
  values?: Record<string, unknown>;
}

/** The chart on the development cluster, with a forwarder on loopback, because browsers there resolve `*.localhost` only. */
export class InstalledChart {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly serversNamespace: string;
  readonly release = 'davit';
  readonly port: number;
  readonly #cluster: TestCluster;
  readonly #directory: string;
  readonly #forwarder: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(cluster: TestCluster, options: ChartOptions, directory: string, forwarder: Server) {
    this.#cluster = cluster;
    this.api = new KubeApi(loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }));
    this.namespace = options.namespace;
    this.serversNamespace = `${options.namespace}-servers`;
    this.#directory = directory;
    this.#forwarder = forwarder;
    this.port = (forwarder.address() as AddressInfo).port;
  }

  /** Builds and pushes the images, installs the chart and waits until all its pods are ready. */
  static async install(options: ChartOptions): Promise<InstalledChart> {
    const cluster = await clusterUp();
    const directory = await mkdtemp(join(tmpdir(), 'davit-chart-'));
    const forwarder = createServer();
    await new Promise<void>((resolve) => forwarder.listen(0, '127.0.0.1', resolve));
    const chart = new InstalledChart(cluster, options, directory, forwarder);
    try {
      await chart.#install(options);
    } catch (error) {
      const state = await chart.describe().catch(String);
      await chart.dispose();
      throw new Error(`${String(error)}\n${state}`, { cause: error });
    }
    return chart;
  }

  /** Where the hub is: what its settings call it, and what hubClient.ts and hubServers.ts want. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async #install({ images, values = {} }: ChartOptions): Promise<void> {
    await pushImages(this.#cluster, images, join(this.#directory, 'images.yaml'));
    await createNamespace(this.api, this.namespace);
    const secret = { metadata: { name: ADMIN_SECRET }, stringData: { password: ADMIN.password } };
    await this.api.call('POST', this.path('secrets'), { body: secret, signal: signal() });
    await writeFile(join(this.#directory, 'trial.yaml'), JSON.stringify(this.#trialValues()));
    await writeFile(join(this.#directory, 'values.yaml'), JSON.stringify(values));
    await this.#helm('install');
    const service = await this.api.call<{ spec: { clusterIP: string; ports: { port: number }[] } }>(
      'GET',
      `${this.path('services')}/davit-hub`,
      { signal: signal() },
    );
    this.#forwardTo(service.spec.clusterIP, service.spec.ports[0]?.port ?? 0);
  }

  #trialValues() {
    const { registry } = this.#cluster;
    return {
      hub: {
        publicUrl: this.url,
        serverUrl: `http://s-{id}.localhost:${this.port}`,
        admin: { name: ADMIN.name, existingSecret: ADMIN_SECRET },
        // The node is small, and other tests run on it.
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
      },
      postgres: { enabled: true, storage: { size: '1Gi' }, resources: { requests: { cpu: '50m', memory: '64Mi' } } },
      registry: { pullHost: registry, pushUrl: `http://${registry}` },
      imageSaver: { stores: [join(dirname(this.#cluster.kubeconfig), 'containerd')] },
      servers: { namespace: this.serversNamespace, storage: { size: '1Gi' } },
    };
  }

  /** `helm upgrade` with the values of the installation and more (`key=value`); done when all new pods are ready. */
  async upgrade(...settings: string[]): Promise<void> {
    await this.#helm('upgrade', ...settings.flatMap((setting) => ['--set', setting]));
  }

  async #helm(command: 'install' | 'upgrade', ...args: string[]): Promise<void> {
    const files = ['images', 'trial', 'values'].flatMap((name) => ['--values', join(this.#directory, `${name}.yaml`)]);
    const wait = ['--wait', '--timeout', '5m'];
    await this.helm(command, this.release, CHART, ...files, ...wait, ...args);
  }

  /** Helm in the namespace of the release. */
  async helm(...args: string[]): Promise<string> {
    return helm([...args, '--namespace', this.namespace], { KUBECONFIG: this.#cluster.kubeconfig });
  }

  /** Path of a resource in the API, in the hub's namespace or another. */
  path(resource: string, namespace = this.namespace): string {
    return `/api/v1/namespaces/${namespace}/${resource}`;
  }

  /** Pods of a part of Davit, by the label `component`. */
  async pods(component: string): Promise<Pod[]> {
    const query = { labelSelector: `app.kubernetes.io/component=${component}` };
    return (await this.api.call<List<Pod>>('GET', this.path('pods'), { query, signal: signal() })).items;
  }

  /** What the pods say, for the message of a test that failed. */
  async describe(): Promise<string> {
    const { items } = await this.api.call<List<Pod>>('GET', this.path('pods'), { signal: signal() });
    const texts = items.map(async ({ metadata, status }) => {
      const log = await this.api
        .text('GET', `${this.path('pods')}/${metadata?.name}/log`, { query: { tailLines: 20 }, signal: signal() })
        .catch(String);
      return `${metadata?.name}: ${status?.phase} ${JSON.stringify(status?.containerStatuses?.[0]?.state)}\n${log}`;
    });
    return (await Promise.all(texts)).join('\n');
  }

  /** Balanced over the replicas by the cluster: each new connection goes to the Service. */
  #forwardTo(host: string, port: number): void {
    this.#forwarder.on('connection', (client) => {
      const hub = connect({ host, port });
      for (const [socket, other] of [
        [client, hub],
        [hub, client],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.end();
        });
        socket.pipe(other);
      }
    });
  }

  /** Removes the release and both namespaces with all that is in them. */
  async dispose(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#forwarder.close();
    await this.helm('uninstall', this.release, '--ignore-not-found').catch(() => undefined);
    for (const namespace of [this.serversNamespace, this.namespace]) {
      await removePods(this.api, namespace).catch(() => undefined);
      await this.api.call('DELETE', `/api/v1/namespaces/${namespace}`, { signal: signal() }).catch(() => undefined);
    }
    await this.api.dispose();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Builds and pushes the parts of Davit and images for servers; `values` gets the names of the parts. */
async function pushImages({ registry }: TestCluster, images: readonly string[], values: string): Promise<void> {
  const node = (...args: string[]) => run(process.execPath, args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  await node('scripts/setup/hubImage.mjs');
  await node(
    'hub/src/buildImages.ts',
    '--push',
    `http://${registry}`,
    '--values',
    values,
    'hub',
    'image-saver',
    ...images,
  );
}
