import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dockerHarness, type DockerHarness } from '../../../../test/engine/dockerHarness.ts';
import { testSpec } from '../conformance.ts';
import { ContainerApi } from './containerApi.ts';

const signal = () => AbortSignal.timeout(60_000);
jest.setTimeout(120_000);

let harness: DockerHarness;
beforeAll(async () => {
  harness = await dockerHarness();
});
afterAll(() => harness.dispose());

describe('the engine itself', () => {
  // For hubs that may not look into the engine's directories.
  it('counts what a container has written to its own layer', async () => {
    const api = new ContainerApi(harness.engine, harness.settings.instanceId);
    const ref = await harness.spawner.ensure(testSpec(harness.image), signal());
    expect(await api.layerBytes(ref.engineId, signal())).toBeLessThan(1e6);
    await harness.write(ref, 20e6);
    const bytes = await api.layerBytes(ref.engineId, signal());
    expect(bytes).toBeGreaterThanOrEqual(20e6);
    expect(bytes).toBeLessThan(25e6);
    await harness.ready(ref);
    await harness.spawner.remove(ref, signal());
    expect(await api.layerBytes(ref.engineId, signal())).toBeUndefined();
  });
});
