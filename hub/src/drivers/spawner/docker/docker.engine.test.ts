import { jest } from '@jest/globals';
import { dockerHarness } from '../../../../test/engine/dockerHarness.ts';
import { describeSpawnerConformance } from '../conformance.ts';
import { describeContainerConformance } from '../containerConformance.ts';

// A busy machine, or an image being built meanwhile, may hold each call of the engine up for seconds.
jest.setTimeout(120_000);

describeSpawnerConformance('the docker driver', dockerHarness);
describeContainerConformance('the docker driver', dockerHarness);
