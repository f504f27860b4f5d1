import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kubernetesHarness, type KubernetesHarness } from '../../../../test/engine/kubernetesHarness.ts';
import type { ObservedServer } from '../../../domains/servers/spawner.ts';
import { eventually, testSpec } from '../conformance.ts';
import { podName } from './settings.ts';

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
});
