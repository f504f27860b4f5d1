import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '../../src/drivers/spawner/kubernetes/kubeApi.ts';
import type { List, Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';

const CALL_MS = 60_000;
const LOOK_MS = 100;
const signal = () => AbortSignal.timeout(CALL_MS);

/** Makes a namespace and waits for its service account, without which the cluster refuses pods. */
export async function createNamespace(api: KubeApi, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await api.call('POST', '/api/v1/namespaces', { body, signal: signal() });
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  const deadline = performance.now() + CALL_MS;
  for (;;) {
    const found = await api.call('GET', account, { signal: signal() }).catch(() => undefined);
    if (found !== undefined) return;
    if (performance.now() > deadline) throw new Error(`The namespace ${name} has no service account.`);
    await sleep(LOOK_MS);
  }
}

/** Removes all pods of a namespace at once, also those whose end nobody recorded. */
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

/** Has the cluster remove a namespace with all that is in it. Rejects never, so that what else there is goes as well. */
export async function removeNamespace(api: KubeApi, name: string): Promise<void> {
  // A pod that waits for its end to be recorded would keep the namespace.
  await removePods(api, name).catch(() => undefined);
  await api.call('DELETE', `/api/v1/namespaces/${name}`, { signal: signal() }).catch(() => undefined);
}
