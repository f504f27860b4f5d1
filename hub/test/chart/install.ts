import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createToken, type Scope } from '@davit/contract';
import { credentialAuth, RegistryClient } from '@davit/oci';
import { KubeApi, loadKubeConfig } from '../../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { List, Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';
import { clusterUp, type TestCluster } from '../engine/cluster.ts';
import { createNamespace, removeNamespace } from '../engine/namespaces.ts';
import { pushImages } from '../engine/pushedImages.ts';
import { signIn } from '../hubClient.ts';
import { ADMIN } from '../hubProcess.ts';
import { copyImage } from './copyImage.ts';
import { Forwarder } from './forwarder.ts';
import { CHART, helm } from './render.ts';

const MINUTE = 60_000;
const ADMIN_SECRET = 'davit-admin';
type Forwarders = [hub: Forwarder, registry: Forwarder];
const signal = () => AbortSignal.timeout(MINUTE);

export interface ChartOptions {
  /** Namespace of the hub; that of servers has `-servers` behind it. Both are made, and removed in the end. */
  namespace: string;
  /** Images for servers that an admin puts into the chart's registry. */
  images: [string, ...string[]];
  /** Values of the chart, over those that a trial on the development cluster needs. */
  values?: Record<string, unknown>;
}

/** The chart with all its parts on the development cluster, reached on loopback, because browsers resolve `*.localhost` only. */
export class InstalledChart {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly serversNamespace: string;
  readonly release = 'davit';
  readonly port: number;
  readonly #cluster: TestCluster;
  readonly #directory: string;
  readonly #hub: Forwarder;
  readonly #registry: Forwarder;
  #hubImage = '';

  private constructor(cluster: TestCluster, options: ChartOptions, directory: string, [hub, registry]: Forwarders) {
    this.#cluster = cluster;
    this.api = new KubeApi(loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }));
    this.namespace = options.namespace;
    this.serversNamespace = `${options.namespace}-servers`;
    this.#directory = directory;
    [this.#hub, this.#registry] = [hub, registry];
    this.port = hub.port;
  }

  /** Pushes the images, which are built where they are not there yet, installs the chart and waits until all its pods are ready. */
  static async install(options: ChartOptions): Promise<InstalledChart> {
    const cluster = await clusterUp();
    const directory = await mkdtemp(join(tmpdir(), 'davit-chart-'));
    const forwarders: Forwarders = [await Forwarder.listen(), await Forwarder.listen()];
    const chart = new InstalledChart(cluster, options, directory, forwarders);
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

  async #install({ images: [pushed, ...copied], values = {} }: ChartOptions): Promise<void> {
    const { registry } = this.#cluster;
    const names = join(this.#directory, 'images.yaml');
    const [hub = ''] = await pushImages(registry, ['hub', 'registry', 'image-saver'], { options: ['--values', names] });
    this.#hubImage = hub;
    await createNamespace(this.api, this.namespace);
    const secret = { metadata: { name: ADMIN_SECRET }, stringData: { password: ADMIN.password } };
    await this.api.call('POST', this.path('secrets'), { body: secret, signal: signal() });
    await writeFile(join(this.#directory, 'trial.yaml'), JSON.stringify(this.#trialValues()));
    await writeFile(join(this.#directory, 'values.yaml'), JSON.stringify(values));
    const [refs] = await Promise.all([pushImages(registry, copied), this.#helm('install')]);
    await this.#forward(this.#hub, 'davit-hub');
    await this.#forward(this.#registry, 'davit-registry');
    await this.#fillRegistry(pushed, refs);
  }

  /** Balanced over the replicas by the cluster: each connection goes to the Service. */
  async #forward(forwarder: Forwarder, name: string): Promise<void> {
    const { spec } = await this.api.call<{ spec: { clusterIP: string; ports: { port: number }[] } }>(
      'GET',
      `${this.path('services')}/${name}`,
      { signal: signal() },
    );
    forwarder.to(spec.clusterIP, spec.ports[0]?.port ?? 0);
  }

  /** As an admin: one image as the command pushes it, and others from the cluster's registry, which takes less. */
  async #fillRegistry(pushed: string, refs: readonly string[]): Promise<void> {
    const { host } = this.#registry;
    const admin = await signIn(this);
    const scopes: Scope[] = ['read', 'servers', 'admin'];
    const { token } = await admin.call(createToken, { body: { name: 'images', scopes, expiresInDays: 1 } });
    const file = join(this.#directory, 'token');
    await writeFile(file, token, { mode: 0o600 });
    await pushImages(host, [pushed], {
      env: { DAVIT_REGISTRY_USER: ADMIN.name, DAVIT_REGISTRY_PASSWORD_FILE: file },
    });
    const from = new RegistryClient(new URL(`http://${this.#cluster.registry}`));
    const to = new RegistryClient(
      new URL(`http://${host}`),
      credentialAuth(ADMIN.name, () => Promise.resolve(token)),
    );
    for (const ref of refs) {
      const [repository = '', tag = ''] = ref.slice(this.#cluster.registry.length + 1).split(':');
      await copyImage(from, to, [repository, tag], AbortSignal.timeout(5 * MINUTE));
    }
  }

  #trialValues() {
    // A node may fetch from its own loopback address without TLS, and there this machine is the node.
    return {
      hub: {
        publicUrl: this.url,
        serverUrl: `http://s-{id}.localhost:${this.port}`,
        admin: { name: ADMIN.name, existingSecret: ADMIN_SECRET },
        // The node is small, and other tests run on it.
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
      },
      postgres: { enabled: true, storage: { size: '1Gi' }, resources: { requests: { cpu: '50m', memory: '64Mi' } } },
      registry: {
        enabled: true,
        pullHost: this.#registry.host,
        realm: `http://${this.#hub.host}/registry/token`,
        storage: { size: '5Gi' },
        resources: { requests: { cpu: '50m', memory: '64Mi' } },
      },
      imageSaver: { stores: [join(dirname(this.#cluster.kubeconfig), 'containerd')] },
      servers: { namespace: this.serversNamespace, storage: { size: '1Gi' } },
    };
  }

  /** `helm upgrade` with another reference of the hub's image, as a new version has; done when all new pods are ready. */
  async upgrade(): Promise<void> {
    const { registry } = this.#cluster;
    const [repository = '', tag = ''] = this.#hubImage.slice(registry.length + 1).split(':');
    const digest = await new RegistryClient(new URL(`http://${registry}`)).digestOf(repository, tag);
    await this.#helm('upgrade', '--set', `images.hub=${repository}@${digest}`);
  }

  async #helm(command: 'install' | 'upgrade', ...args: string[]): Promise<void> {
    const files = ['images', 'trial', 'values'].flatMap((name) => ['--values', join(this.#directory, `${name}.yaml`)]);
    const wait = ['--wait', '--timeout', '10m'];
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

  /** Removes the release and both namespaces with all that is in them. */
  async dispose(): Promise<void> {
    this.#hub.close();
    this.#registry.close();
    await this.helm('uninstall', this.release, '--ignore-not-found').catch(() => undefined);
    for (const name of [this.serversNamespace, this.namespace]) await removeNamespace(this.api, name);
    await this.api.dispose();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
