import { jest } from '@jest/globals';
import { kubernetesHarness } from '../../../../test/engine/kubernetesHarness.ts';
import { describeSpawnerConformance } from '../conformance.ts';
import { describeContainerConformance } from '../containerConformance.ts';

// A busy machine may hold each call of the cluster up for seconds.
jest.setTimeout(180_000);

describeSpawnerConformance('the kubernetes driver', kubernetesHarness);
describeContainerConformance('the kubernetes driver', kubernetesHarness);
