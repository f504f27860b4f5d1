import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createGroup,
  getServer,
  putGroupMember,
  setGroupPlacement,
  startServer,
  stopServer,
  type GroupPlacement,
} from '@davit/contract';
import { eventually } from '../src/drivers/spawner/conformance.ts';
import { KubeApi, loadKubeConfig } from '../src/drivers/spawner/kubernetes/kubeApi.ts';
import { randomId } from '../src/platform/random.ts';
import { ClusterHub } from './clusterHub.ts';
import { clusterUp } from './engine/cluster.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';

const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);
const signal = () => AbortSignal.timeout(MINUTE);

/** Objects of the whole cluster, by the path of their kind. */
const RUNTIMES = '/apis/node.k8s.io/v1/runtimeclasses';
const PRIORITIES = '/apis/scheduling.k8s.io/v1/priorityclasses';

/** A whole hub on a real cluster: the scheduler, the API server's admission and containerd judge what a group wants. */
describe('the placement of a group on a cluster', () => {
  const name = `davit-test-${randomId()}`;
  let hub: ClusterHub;
  let api: KubeApi;
  let admin: Person;
  let ada: Person;
  let groupId: string;

  beforeAll(async () => {
    const cluster = await clusterUp();
    api = new KubeApi(loadKubeConfig({ KUBECONFIG: cluster.kubeconfig }));
    const metadata = { name };
    const runtime = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata, handler: 'runc' };
    const priority = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata, value: 7 };
    await api.call('POST', RUNTIMES, { body: runtime, signal: signal() });
    await api.call('POST', PRIORITIES, { body: priority, signal: signal() });
    hub = await ClusterHub.start(cluster, ['jupyterlab']);
    admin = await signIn(hub.hub);
    ada = await newPerson(hub.hub, admin, 'ada');
    groupId = (await admin.call(createGroup, { body: { name: 'lab' } })).id;
    await admin.call(putGroupMember, { params: { id: groupId, userId: ada.userId }, body: { role: 'member' } });
  }, 20 * MINUTE);

  afterAll(async () => {
    // First what belongs to the whole cluster: the rest goes with its namespace.
    await api.call('DELETE', `${RUNTIMES}/${name}`, { signal: signal() });
    await api.call('DELETE', `${PRIORITIES}/${name}`, { signal: signal() });
    await deleteAllServers(ada);
    await hub.dispose();
    await api.dispose();
  }, 2 * MINUTE);

  const place = (body: Partial<GroupPlacement>) => admin.call(setGroupPlacement, { params: { id: groupId }, body });
  const podOf = async (serverId: string) =>
    (await hub.pods()).find(({ metadata }) => metadata?.labels?.['davit.server'] === serverId);

  it('is in the pods of its members as the cluster took them, from the next start on', async () => {
    await place({
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'example.org/lab', value: 'x', effect: 'NoSchedule' }],
      runtimeClassName: name,
      priorityClassName: name,
      imagePullSecrets: ['absent'],
    });
    const { id } = await newServer(ada, 'jupyterlab', 'placed');
    await untilPhase(ada, id, ['running'], 2 * MINUTE);
    const before = await podOf(id);
    expect(before?.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      runtimeClassName: name,
      priorityClassName: name,
      // The cluster's own reading of the class.
      priority: 7,
    });
    expect(before?.spec?.imagePullSecrets).toContainEqual({ name: 'absent' });
    expect(before?.spec?.tolerations).toContainEqual({
      key: 'example.org/lab',
      operator: 'Equal',
      value: 'x',
      effect: 'NoSchedule',
    });

    await place({});
    expect((await podOf(id))?.metadata?.uid).toBe(before?.metadata?.uid);
    await ada.call(stopServer, { params: { id } });
    await untilPhase(ada, id, ['stopped'], MINUTE);
    await ada.call(startServer, { params: { id } });
    await untilPhase(ada, id, ['running'], 2 * MINUTE);
    const { spec } = (await podOf(id))!;
    expect([spec?.nodeSelector, spec?.runtimeClassName, spec?.priority]).toEqual([undefined, undefined, 0]);
  });

  it('says in plain words that no machine has a label, and makes no pod meanwhile', async () => {
    await place({ nodeSelector: { 'example.org/lab': 'none' } });
    const { id } = await newServer(ada, 'jupyterlab', 'nowhere');
    const reason = await eventually(
      async () => (await ada.call(getServer, { params: { id } })).reason ?? undefined,
      MINUTE,
    );
    expect(reason).toMatch(/^Waits for a machine with the label example\.org\/lab=none: the cluster has none\./);
    expect(await podOf(id)).toBeUndefined();
  });

  it('refuses in words what the cluster does not have', async () => {
    await place({ runtimeClassName: `${name}-gone` });
    const { id } = await newServer(ada, 'jupyterlab', 'refused');
    const { reason } = await untilPhase(ada, id, ['failed'], MINUTE);
    expect(reason).toMatch(/RuntimeClass.*not found/);
  });
});
