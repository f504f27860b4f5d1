import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kubernetesHarness, type KubernetesHarness } from '../../../../test/engine/kubernetesHarness.ts';
import type { ObservedServer, ServerRef } from '../../../domains/servers/spawner.ts';
import { eventually, testSpec } from '../conformance.ts';
import { placementOf, podName } from './settings.ts';
import type { Node } from './wire.ts';

const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);
const signal = () => AbortSignal.timeout(MINUTE);

describe('a server whose end does not come from inside', () => {
  let harness: KubernetesHarness;
  beforeAll(async () => {
    harness = await kubernetesHarness();
  });
  afterEach(() => harness.clear());
  afterAll(() => harness.dispose());

  const seen = (ready: (server: ObservedServer) => boolean) =>
    eventually(async () => (await harness.spawner.list(signal())).find(ready), 2 * MINUTE);

  it('because its machine is emptied is told with that reason, and kept until its end was recorded', async () => {
    const { instanceId, cluster } = harness.settings;
    const spec = testSpec(harness.image, { resources: { cpu: 0.1, memoryMb: 256, gpu: 0 } });
    const ref = await harness.spawner.ensure(spec, signal());
    await harness.ready(ref);
    const name = podName(instanceId, spec.serverId);
    const path = `/api/v1/namespaces/${cluster.namespace}/pods/${name}`;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: cluster.namespace } };
    await harness.api.call('POST', `${path}/eviction`, { body, signal: signal() });
    const ended = await seen((one) => one.state === 'exited');
    expect(ended).toMatchObject({ ref, reason: { code: 'lost', params: { why: 'EvictionByEvictionAPI' } } });
    expect(ended.reason?.message).toContain('being emptied for maintenance');
    expect(ended.finishedAt).toBeInstanceOf(Date);
    await harness.spawner.remove(ref, signal());
    expect(await harness.spawner.list(signal())).toEqual([]);
  });

  it('before a machine had room for it says what it waits for, and is removed at once', async () => {
    const spec = testSpec(harness.image, { resources: { cpu: 900, memoryMb: 256, gpu: 0 } });
    const ref = await harness.spawner.ensure(spec, signal());
    const waits = await seen((one) => one.reason?.code === 'no-free-cpu');
    expect(waits).toMatchObject({ ref, state: 'created' });
    await harness.spawner.remove(ref, signal());
    expect(await harness.spawner.list(signal())).toEqual([]);
  });

  it('is kept off a machine that a taint reserves, until that goes, while another that tolerates it starts', async () => {
    const key = `davit.test/${harness.settings.instanceId}`;
    const name = (await harness.spawner.inventory(signal())).nodes[0]?.name ?? '';
    const node = `/api/v1/nodes/${name}`;
    const lab = { key, value: 'lab', effect: 'NoSchedule' as const };
    const { spec } = await harness.api.call<Node>('GET', node, { signal: signal() });
    const others = spec?.taints ?? [];
    const reserve = (taints: object[]) => {
      const contentType = 'application/merge-patch+json';
      return harness.api.call('PATCH', node, { body: { spec: { taints } }, contentType, signal: signal() });
    };
    const wanted = { resources: { cpu: 0.1, memoryMb: 256, gpu: 0 } };
    await reserve([...others, lab]);
    let kept: ServerRef;
    try {
      expect((await harness.spawner.inventory(signal())).nodes[0]?.taints).toEqual([lab]);
      kept = await harness.spawner.ensure(testSpec(harness.image, wanted), signal());
      const waits = await seen((one) => one.reason?.code === 'no-machine');
      expect(waits.reason?.message).toContain(`reserved by a taint (${key}=lab)`);
      const placement = { ...placementOf(harness.settings.cluster), tolerations: [lab] };
      const ref = await harness.spawner.ensure(testSpec(harness.image, { ...wanted, placement }), signal());
      await seen((one) => one.ref.engineId === ref.engineId && one.state === 'running');
    } finally {
      await reserve(others);
    }
    await seen((one) => one.ref.engineId === kept.engineId && one.state === 'running');
  });
});
