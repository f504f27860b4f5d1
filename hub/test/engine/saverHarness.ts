import { createServer, type AddressInfo } from 'node:net';
import { RegistryClient, type SaveRequest } from '@davit/oci';
import type { ImageLocation, SaveTarget } from '../../src/domains/images/index.ts';
import type { ServerRef, ServerSpec } from '../../src/domains/servers/spawner.ts';
import { RegistryMaker } from '../../src/drivers/images/index.ts';
import { testSpec } from '../../src/drivers/spawner/conformance.ts';
import { KubernetesSpawner } from '../../src/drivers/spawner/kubernetes/index.ts';
import { Savers } from '../../src/drivers/spawner/kubernetes/save/savers.ts';
import type { SaverSettings } from '../../src/drivers/spawner/kubernetes/save/settings.ts';
import { podName } from '../../src/drivers/spawner/kubernetes/settings.ts';
import type { Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';
import type { SaveHarness } from '../../src/drivers/spawner/saveConformance.ts';
import { clusterUp, type TestCluster } from './cluster.ts';
import { deploySaver, type TestSaver } from './imageSaver.ts';
import { kubernetesHarness, type KubernetesHarness } from './kubernetesHarness.ts';
import { createNamespace, removeNamespace } from './namespaces.ts';
import { SavedImages } from './savedImages.ts';

/** The kubernetes driver with image savers. */
export interface SaverHarness extends SaveHarness {
  spawner: KubernetesSpawner;
  inside: KubernetesHarness['inside'];
  api: KubernetesHarness['api'];
  cluster: TestCluster;
  saver: TestSaver;
  savers: Savers;
  images: SavedImages;
  start(changes?: Partial<ServerSpec>): Promise<ServerRef>;
  /** Removes the server, and starts one like it from an image meanwhile. */
  restart(ref: ServerRef, image: ImageLocation): Promise<ServerRef>;
  podOf(ref: ServerRef): Promise<Pod>;
  /** How a request names the container of a server. */
  containerOf(ref: ServerRef): Promise<SaveRequest['container']>;
  /** Another hub's driver, with other savers or none. */
  withSaver(saver: TestSaver['settings'] | undefined): KubernetesSpawner;
  /** A request to save, into a registry that never answers. */
  endless(ref: ServerRef, job: string): Promise<SaveRequest>;
}

const signal = () => AbortSignal.timeout(60_000);

export async function saverHarness(): Promise<SaverHarness> {
  const cluster = await clusterUp();
  const base = await kubernetesHarness();
  const { namespace } = base.settings.cluster;
  // Of their own: the harness of servers removes all pods of its namespace after each test.
  const saversNamespace = `${namespace}-saver`;
  const saver = await createNamespace(base.api, saversNamespace)
    .then(() => deploySaver(base.api, cluster, saversNamespace))
    .catch(async (error: unknown) => {
      await removeNamespace(base.api, saversNamespace);
      await base.dispose();
      throw error;
    });
  const settings: SaverSettings = { ...saver.settings, registry: registryOf(cluster) };
  const withSaver = (other: TestSaver['settings'] | undefined) => {
    const to = other === undefined ? {} : { saver: { ...other, registry: registryOf(cluster) } };
    return new KubernetesSpawner(base.config, { ...base.settings, ...to });
  };
  const spawner = withSaver(saver.settings);
  const savers = new Savers(base.api, settings);
  const images = new SavedImages(cluster);
  const silent = await silentRegistry(cluster.gateway);
  let halves: AbortController[] = [];
  const { instanceId } = base.settings;
  const podOf = (ref: ServerRef) =>
    base.api.call<Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${podName(instanceId, ref.serverId)}`, {
      signal: signal(),
    });
  const containerOf = async (ref: ServerRef) => {
    const id = (await podOf(ref)).status?.containerStatuses?.[0]?.containerID?.split('://')[1] ?? '';
    return { id, podUid: ref.engineId, serverId: ref.serverId };
  };
  const start = async (changes: Partial<ServerSpec> = {}) => {
    const ref = await spawner.ensure(testSpec(base.image, changes), signal());
    await base.ready(ref);
    return ref;
  };
  const endless = async (ref: ServerRef, job: string): Promise<SaveRequest> => ({
    action: 'save',
    instance: instanceId,
    job,
    container: await containerOf(ref),
    registry: { url: silent.url },
    base: { repository: 'davit/base', digest: `sha256:${'0'.repeat(64)}` },
    target: { repository: `saved/${job}`, tag: '1' },
    labels: {},
    scrub: [],
    created: new Date().toISOString(),
  });
  const clear = async () => {
    for (const half of halves) half.abort();
    halves = [];
    await base.clear();
  };
  return {
    ...base,
    ...{ spawner, cluster, saver, savers, images, podOf, containerOf, start, endless, clear, withSaver },
    restart: async (ref, image) => (await Promise.all([start({ image }), spawner.remove(ref, signal())]))[0],
    refOf: (ref) => ref.replace('localhost/davit', cluster.registry),
    hasImage: (ref) => images.has(ref),
    leaveHalf: async ({ job }: SaveTarget) => {
      const [server] = await spawner.list(signal());
      if (server === undefined) throw new Error('There is no server to be saved.');
      const pod = await podOf(server.ref);
      const place = await savers.on(pod.spec?.nodeName ?? '', signal());
      const half = new AbortController();
      halves.push(half);
      const { isOpen, begun } = followed(savers, place, await endless(server.ref, job), half.signal);
      await begun;
      return () => Promise.resolve(isOpen());
    },
    dispose: async () => {
      for (const half of halves) half.abort();
      await Promise.all([spawner.dispose(), savers.dispose()]);
      silent.close();
      await removeNamespace(base.api, saversNamespace);
      await base.dispose();
    },
  };
}

/** A save that nobody waits for: whether it still goes on, as the saver's answer shows. */
function followed(savers: Savers, place: Parameters<Savers['follow']>[0], wanted: SaveRequest, end: AbortSignal) {
  const { promise: begun, resolve } = Promise.withResolvers<undefined>();
  let open = true;
  const work = async () => {
    for await (const told of savers.follow(place, wanted, end)) {
      resolve(undefined);
      if (told.event === 'failed') return;
    }
  };
  void work()
    .catch(() => undefined)
    .finally(() => (open = false));
  return { begun, isOpen: () => open };
}

function registryOf({ registry }: TestCluster): SaverSettings['registry'] {
  const pushUrl = new URL(`http://${registry}`);
  const maker = new RegistryMaker(new RegistryClient(pushUrl), registry);
  return { pullHost: registry, pushUrl, token: undefined, remove: (ref) => maker.remove(ref) };
}

/** Takes connections and says nothing. */
async function silentRegistry(host: string) {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  server.unref();
  return { url: `http://${host}:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}
