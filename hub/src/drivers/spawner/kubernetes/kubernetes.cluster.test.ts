import { jest } from '@jest/globals';
import { kubernetesHarness } from '../../../../test/engine/kubernetesHarness.ts';
import { describeSpawnerConformance } from '../conformance.ts';
import { describeContainerConformance } from '../containerConformance.ts';

// A busy machine may hold each call of the cluster up for seconds.
jest.setTimeout(180_000);

// How many processes a pod may have is the kubelet's setting, and the bridge of the development cluster enforces no
// NetworkPolicy: those are compared in networkPolicies.test.ts.
const harness = () => kubernetesHarness(256);
const TRAITS = { tokens: 'engine', writes: 'limited by the engine', processes: undefined, isolates: false } as const;
describeSpawnerConformance('the kubernetes driver', harness, TRAITS);
describeContainerConformance('the kubernetes driver', harness, TRAITS);
