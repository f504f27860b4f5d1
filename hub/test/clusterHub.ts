import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KubeApi, loadKubeConfig } from '../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { List, Pod } from '../src/drivers/spawner/kubernetes/wire.ts';
import { randomId } from '../src/platform/random.ts';
import type { TestCluster } from './engine/cluster.ts';
import { createNamespace, removePods } from './engine/namespaces.ts';
import { freePort, HubProcess } from './hubProcess.ts';

const run = promisify(execFile);
const signal = () => AbortSignal.timeout(60_000);

/** A hub on this machine whose servers are pods of the development cluster, in a namespace of its own. */
export class ClusterHub {
  readonly hub: HubProcess;
  readonly namespace: string;
  readonly #api: KubeApi;

  private constructor(hub: HubProcess, namespace: string, api: KubeApi) {
    this.hub = hub;
    this.namespace = namespace;
    this.#api = api;
  }

  /** Pushes the images of those names to the cluster's registry first. */
  static async start(cluster: TestCluster, images: readonly string[]): Promise<ClusterHub> {
    const build = join(import.meta.dirname, '..', 'src', 'buildImages.ts');
    await run(process.execPath, [build, '--push', `http://${cluster.registry}`, ...images]);
    const namespace = `davit-test-${randomId()}`;
    const api = new KubeApi(loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }));
    await createNamespace(api, namespace);
    return new ClusterHub(await HubProcess.start(await settings(cluster, namespace)), namespace, api);
  }

  async pods(): Promise<Pod[]> {
    const path = `/api/v1/namespaces/${this.namespace}/pods`;
    return (await this.#api.call<List<Pod>>('GET', path, { signal: signal() })).items;
  }

  async dispose(): Promise<void> {
    await this.hub.dispose();
    await removePods(this.#api, this.namespace);
    await this.#api.call('DELETE', `/api/v1/namespaces/${this.namespace}`, { signal: signal() });
    await this.#api.dispose();
  }
}

async function settings({ kubeconfig, registry, gateway }: TestCluster, namespace: string) {
  const apiPort = await freePort();
  return {
    KUBECONFIG: kubeconfig,
    DAVIT_ENGINE: 'kubernetes',
    DAVIT_API_PORT: String(apiPort),
    DAVIT_KUBE_NAMESPACE: namespace,
    DAVIT_KUBE_API_URL: `http://${gateway}:${apiPort}`,
    DAVIT_KUBE_API_HOST: gateway,
    DAVIT_KUBE_HUB_RANGES: `${gateway}/32`,
    DAVIT_KUBE_VOLUME_SIZE: '1Gi',
    DAVIT_REGISTRY_PULL_HOST: registry,
    DAVIT_REGISTRY_PUSH_URL: `http://${registry}`,
  };
}
