import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeApi, loadKubeConfig } from '../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { List, Pod } from '../src/drivers/spawner/kubernetes/wire.ts';
import { randomId } from '../src/platform/random.ts';
import type { TestCluster } from './engine/cluster.ts';
import { deploySaver, type TestSaver } from './engine/imageSaver.ts';
import { execute } from './engine/kubernetesHarness.ts';
import { createNamespace, removeNamespace } from './engine/namespaces.ts';
import { pushImages } from './engine/pushedImages.ts';
import { freePort, HubProcess } from './hubProcess.ts';

const signal = () => AbortSignal.timeout(60_000);

/** A hub on this machine whose servers are pods of the development cluster, in a namespace of its own, with image savers. */
export class ClusterHub {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly api: KubeApi;
  readonly #keys: string;
  #hub: HubProcess | undefined;
  #saver: TestSaver | undefined;

  private constructor(cluster: TestCluster, keys: string) {
    this.cluster = cluster;
    this.namespace = `davit-test-${randomId()}`;
    this.api = new KubeApi(loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }));
    this.#keys = keys;
  }

  /** Pushes the images of those names to the cluster's registry first. */
  static async start(cluster: TestCluster, images: readonly string[]): Promise<ClusterHub> {
    const made = new ClusterHub(cluster, await mkdtemp(join(tmpdir(), 'davit-keys-')));
    try {
      await made.#start(images);
    } catch (error) {
      await made.dispose();
      throw error;
    }
    return made;
  }

  get hub(): HubProcess {
    if (this.#hub === undefined) throw new Error('The hub does not run.');
    return this.#hub;
  }

  get saver(): TestSaver {
    if (this.#saver === undefined) throw new Error('There is no image saver.');
    return this.#saver;
  }

  async #start(images: readonly string[]): Promise<void> {
    await pushImages(this.cluster.registry, images);
    for (const name of [this.namespace, this.#saversNamespace]) await createNamespace(this.api, name);
    this.#saver = await deploySaver(this.api, this.cluster, this.#saversNamespace);
    await writeFile(join(this.#keys, 'tls.key'), this.#saver.keys.key, { mode: 0o600 });
    await writeFile(join(this.#keys, 'tls.crt'), this.#saver.keys.certificate);
    this.#hub = await HubProcess.start(await this.#settings());
  }

  get #saversNamespace(): string {
    return `${this.namespace}-saver`;
  }

  async #settings(): Promise<Record<string, string>> {
    const { kubeconfig, registry, gateway } = this.cluster;
    const apiPort = await freePort();
    return {
      KUBECONFIG: kubeconfig,
      DAVIT_ENGINE: 'kubernetes',
      DAVIT_API_PORT: String(apiPort),
      DAVIT_KUBE_NAMESPACE: this.namespace,
      DAVIT_KUBE_API_URL: `http://${gateway}:${apiPort}`,
      DAVIT_KUBE_API_HOST: gateway,
      DAVIT_KUBE_HUB_RANGES: `${gateway}/32`,
      DAVIT_KUBE_VOLUME_SIZE: '1Gi',
      DAVIT_KUBE_SAVER_NAMESPACE: this.#saversNamespace,
      DAVIT_KUBE_SAVER_LABELS: 'app.kubernetes.io/component=image-saver',
      DAVIT_SIGNING_KEY_FILE: join(this.#keys, 'tls.key'),
      DAVIT_SIGNING_CERT_FILE: join(this.#keys, 'tls.crt'),
      DAVIT_REGISTRY_PULL_HOST: registry,
      DAVIT_REGISTRY_PUSH_URL: `http://${registry}`,
    };
  }

  async pods(): Promise<Pod[]> {
    const path = `/api/v1/namespaces/${this.namespace}/pods`;
    return (await this.api.call<List<Pod>>('GET', path, { signal: signal() })).items;
  }

  async podOf(serverId: string): Promise<Pod | undefined> {
    return (await this.pods()).find(({ metadata }) => metadata?.labels?.['davit.server'] === serverId);
  }

  /** Runs JavaScript in the pod of a server; what it prints. Rejects when it fails. */
  async inside(serverId: string, script: string): Promise<string> {
    const config = loadKubeConfig({ KUBECONFIG: this.cluster.kubeconfig });
    const pod = (await this.podOf(serverId))?.metadata?.name ?? '';
    const { code, output } = await execute(config, this.namespace, pod, script);
    if (code !== 0) throw new Error(output);
    return output;
  }

  async dispose(): Promise<void> {
    await this.#hub?.dispose();
    for (const name of [this.namespace, this.#saversNamespace]) await removeNamespace(this.api, name);
    await this.api.dispose();
    await rm(this.#keys, { recursive: true, force: true });
  }
}
