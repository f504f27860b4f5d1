import { dockerHarness } from '../../../../test/engine/dockerHarness.ts';
import { describeSpawnerConformance } from '../conformance.ts';
import { describeContainerConformance } from '../containerConformance.ts';

describeSpawnerConformance('the docker driver', dockerHarness);
describeContainerConformance('the docker driver', dockerHarness);
