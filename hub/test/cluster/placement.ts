import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createGroup,
  getServer,
  putGroupMember,
  setGroupPlacement,
  startServer,
  stopServer,
  type GroupPlacement,
} from '@davit/contract';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import type { ClusterHub } from '../clusterHub.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from '../hubClient.ts';

const MINUTE = 60_000;
const signal = () => AbortSignal.timeout(MINUTE);

/** Objects of the whole cluster, by the path of their kind. */
const RUNTIMES = '/apis/node.k8s.io/v1/runtimeclasses';
const PRIORITIES = '/apis/scheduling.k8s.io/v1/priorityclasses';

/** The scheduler, the API server's admission and containerd judge what a group wants. */
export function describePlacement(hubOf: () => ClusterHub): void {
  describe('and the placement of a group', () => {
    let onCluster: ClusterHub;
    /** Of the objects that are the whole cluster's. */
    let name: string;
    let admin: Person;
    let bea: Person;
    let groupId: string;

    beforeAll(async () => {
      onCluster = hubOf();
      name = onCluster.namespace;
      const metadata = { name };
      const runtime = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata, handler: 'runc' };
      const priority = {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata,
        value: 7,
        // Other tests may run on the node, and their servers would have to make room.
        preemptionPolicy: 'Never',
      };
      await onCluster.api.call('POST', RUNTIMES, { body: runtime, signal: signal() });
      await onCluster.api.call('POST', PRIORITIES, { body: priority, signal: signal() });
      admin = await signIn(onCluster.hub);
      bea = await newPerson(onCluster.hub, admin, 'bea');
      groupId = (await admin.call(createGroup, { body: { name: 'lab' } })).id;
      await admin.call(putGroupMember, { params: { id: groupId, userId: bea.userId }, body: { role: 'member' } });
    });

    afterAll(async () => {
      // First what belongs to the whole cluster: the rest goes with its namespace.
      for (const kind of [RUNTIMES, PRIORITIES])
        await onCluster.api.call('DELETE', `${kind}/${name}`, { signal: signal() }).catch(() => undefined);
      await deleteAllServers(bea);
    });

    const place = (body: Partial<GroupPlacement>) => admin.call(setGroupPlacement, { params: { id: groupId }, body });
    const reasonOf = (id: string) =>
      eventually(async () => (await bea.call(getServer, { params: { id } })).reason ?? undefined, MINUTE);

    it('is in the pods of its members as the cluster took them, from the next start on', async () => {
      await place({
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ key: 'example.org/lab', value: 'x', effect: 'NoSchedule' }],
        runtimeClassName: name,
        priorityClassName: name,
        imagePullSecrets: ['absent'],
      });
      const { id } = await newServer(bea, 'jupyterlab', 'placed');
      await untilPhase(bea, id, ['running'], 2 * MINUTE);
      const before = await onCluster.podOf(id);
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
      expect((await onCluster.podOf(id))?.metadata?.uid).toBe(before?.metadata?.uid);
      await bea.call(stopServer, { params: { id } });
      await untilPhase(bea, id, ['stopped'], MINUTE);
      await bea.call(startServer, { params: { id } });
      await untilPhase(bea, id, ['running'], 2 * MINUTE);
      const { spec } = (await onCluster.podOf(id))!;
      expect([spec?.nodeSelector, spec?.runtimeClassName, spec?.priority]).toEqual([undefined, undefined, 0]);
    });

    it('says in plain words that no machine has a label, and makes no pod meanwhile', async () => {
      await place({ nodeSelector: { 'example.org/lab': 'none' } });
      const { id } = await newServer(bea, 'jupyterlab', 'nowhere');
      expect(await reasonOf(id)).toMatch(
        /^Waits for a machine with the label example\.org\/lab=none: the cluster has none\./,
      );
      expect(await onCluster.podOf(id)).toBeUndefined();
    });

    it('refuses in words what the cluster does not have', async () => {
      await place({ runtimeClassName: `${name}-gone` });
      const { id } = await newServer(bea, 'jupyterlab', 'refused');
      const { reason } = await untilPhase(bea, id, ['failed'], MINUTE);
      expect(reason).toMatch(/RuntimeClass.*not found/);
    });
  });
}
