import { jest } from '@jest/globals';
import { dockerHarness } from '../../../../test/engine/dockerHarness.ts';
import { describeSpawnerConformance } from '../conformance.ts';
import { describeContainerConformance } from '../containerConformance.ts';

// A busy machine, or an image being built meanwhile, may hold each call of the engine up for seconds.
jest.setTimeout(120_000);

const TRAITS = { tokens: 'hub', writes: 'counted for the hub', processes: 100, isolates: true } as const;
describeSpawnerConformance('the docker driver', dockerHarness, TRAITS);
describeContainerConformance('the docker driver', dockerHarness, TRAITS);
