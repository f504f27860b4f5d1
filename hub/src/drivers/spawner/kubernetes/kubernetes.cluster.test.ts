import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { podPidsMax } from '../../../../test/engine/cgroups.ts';
import { kubernetesHarness, type KubernetesHarness } from '../../../../test/engine/kubernetesHarness.ts';
import { describeSpawnerConformance, testSpec } from '../conformance.ts';
import { describeContainerConformance } from '../containerConformance.ts';

// A busy machine may hold each call of the cluster up for seconds.
jest.setTimeout(180_000);

let harness: KubernetesHarness;
beforeAll(async () => {
  harness = await kubernetesHarness(256);
});
afterAll(() => harness.dispose());

// How many processes a pod may have is the kubelet's setting, which is looked at below, and the bridge of the development
// cluster enforces no NetworkPolicy: those are compared in networkPolicies.test.ts.
const shared = () => Promise.resolve({ ...harness, dispose: () => Promise.resolve() });
const TRAITS = { tokens: 'engine', writes: 'limited by the engine', processes: undefined, isolates: false } as const;
describeSpawnerConformance('the kubernetes driver', shared, TRAITS);
describeContainerConformance('the kubernetes driver', shared, TRAITS);

describe('a pod that makes processes without end', () => {
  it('is held by the limit that the kubelet sets to all its containers together', async () => {
    const signal = AbortSignal.timeout(60_000);
    const ref = await harness.spawner.ensure(testSpec(harness.image), signal);
    expect(await podPidsMax(ref.engineId)).toBe(4096);
    await harness.clear();
  });
});
