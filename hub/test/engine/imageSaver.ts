import { loadAllYaml } from '@kubernetes/client-node';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import type { KubeApi } from '../../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { SaverSettings } from '../../src/drivers/spawner/kubernetes/save/settings.ts';
import type { List, Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';
import { loadSigner, type Signer } from '../../src/drivers/signing/index.ts';
import { testKeys } from '../../src/drivers/signing/testKeys.ts';
import type { TestCluster } from './cluster.ts';
import { pushImages } from './pushedImages.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const CHART = join(ROOT, 'deploy', 'helm', 'davit');
const LABELS = { 'app.kubernetes.io/component': 'image-saver' };
const PORT = 7072;
const MINUTE = 60_000;
const signal = () => AbortSignal.timeout(MINUTE);

/** The image savers as the chart sets them up, in a namespace of the development cluster. */
export interface TestSaver {
  signer: Signer;
  /** PEM files' contents, as a hub of its own process takes them. */
  keys: { key: string; certificate: string };
  settings: Pick<SaverSettings, 'namespace' | 'labels' | 'port' | 'sign'>;
  /** Its pods that are ready. */
  pods(): Promise<Pod[]>;
  /** Kills them without a word; others come. */
  remove(): Promise<void>;
  /** Waits until there is one. */
  ready(): Promise<Pod>;
}

/** Takes a minute when the image has to be built. */
export async function deploySaver(
  api: KubeApi,
  cluster: TestCluster,
  namespace: string,
  values: Record<string, string> = {},
): Promise<TestSaver> {
  const [image = ''] = await pushImages(cluster.registry, ['image-saver']);
  const keys = testKeys();
  const signer = await loadSigner(keys.key, keys.certificate);
  await create(api, `/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'signing' },
    stringData: { 'tls.crt': keys.certificate },
  });
  const daemonSet = await rendered(namespace, {
    'images.host': cluster.registry,
    'images.imageSaver': image.slice(cluster.registry.length + 1),
    'imageSaver.stores[0]': join(dirname(cluster.kubeconfig), 'containerd'),
    'signingKey.existingSecret': 'signing',
    'registry.pullHost': cluster.registry,
    'registry.pushUrl': `http://${cluster.registry}`,
    ...values,
  });
  await create(api, `/apis/apps/v1/namespaces/${namespace}/daemonsets`, daemonSet);
  const pods = async () => {
    const query = { labelSelector: 'app.kubernetes.io/component=image-saver' };
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { items } = await api.call<List<Pod>>('GET', path, { query, signal: signal() });
    return items.filter(isReady);
  };
  const remove = async () => {
    for (const { metadata } of await pods()) {
      const path = `/api/v1/namespaces/${namespace}/pods/${metadata?.name}`;
      await api.call('DELETE', path, { body: { gracePeriodSeconds: 0 }, signal: signal() });
    }
  };
  const ready = () => eventually(async () => (await pods())[0], MINUTE);
  await ready();
  const sign: SaverSettings['sign'] = (claims, ttlSeconds) => signer.sign(claims, { now: new Date(), ttlSeconds });
  return { signer, keys, settings: { namespace, labels: LABELS, port: PORT, sign }, pods, remove, ready };
}

function isReady({ metadata, status }: Pod): boolean {
  const isUp = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return isUp && metadata?.deletionTimestamp === undefined;
}

/** The chart's own DaemonSet. */
async function rendered(namespace: string, values: Record<string, string>): Promise<object> {
  const needed = {
    'hub.publicUrl': 'https://davit.example.org',
    'hub.serverUrl': 'https://s-{id}.example.net',
    'database.existingSecret': 'database',
    'images.hub': 'davit/hub:1',
    'images.registry': 'davit/registry:1',
    ...values,
  };
  const sets = Object.entries(needed).flatMap(([key, value]) => ['--set-string', `${key}=${escaped(value)}`]);
  const { stdout } = await run(process.execPath, [
    join(ROOT, 'deploy', 'helm', 'helm.mjs'),
    ...['template', 'davit', CHART, '--namespace', namespace, '--kube-version', '1.34.4'],
    ...['--show-only', 'templates/image-saver.yaml', ...sets],
  ]);
  const found = loadAllYaml(stdout).find(({ kind }: { kind?: string }) => kind === 'DaemonSet') as object | undefined;
  if (found === undefined) throw new Error('The chart has no image saver.');
  return found;
}

function escaped(value: string): string {
  return value.replaceAll(/[,{}]/g, (char) => `\\${char}`);
}

async function create(api: KubeApi, path: string, body: object): Promise<void> {
  await api.call('POST', path, { body, signal: signal() });
}
