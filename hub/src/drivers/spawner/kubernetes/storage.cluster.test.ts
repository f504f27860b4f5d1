import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { kubernetesHarness, type KubernetesHarness } from '../../../../test/engine/kubernetesHarness.ts';
import { randomId } from '../../../platform/random.ts';
import { eventually, testSpec } from '../conformance.ts';
import { KubernetesSpawner } from './kubernetesSpawner.ts';
import type { Claim, List } from './wire.ts';

const CALL_MS = 60_000;
jest.setTimeout(3 * CALL_MS);
const signal = () => AbortSignal.timeout(CALL_MS);

describe('volumes that one machine at a time may write', () => {
  let harness: KubernetesHarness;
  let spawner: KubernetesSpawner;
  beforeAll(async () => {
    harness = await kubernetesHarness();
    const { cluster } = harness.settings;
    const storage = { ...cluster.storage, accessMode: 'ReadWriteOnce' as const };
    spawner = new KubernetesSpawner(harness.config, { ...harness.settings, cluster: { ...cluster, storage } });
  });
  afterEach(() => harness.clear());
  afterAll(async () => {
    await spawner.dispose();
    await harness.dispose();
  });

  const start = async (ownerId: string) => {
    // The node of the development cluster is small.
    const spec = testSpec(harness.image, { ownerId, resources: { cpu: 0.1, memoryMb: 256, gpu: 0 } });
    const ref = await spawner.ensure(spec, signal());
    const find = async () => (await spawner.list(signal())).find((one) => one.ref.engineId === ref.engineId);
    await eventually(async () => ((await find())?.state === 'running' ? true : undefined), CALL_MS);
    return ref;
  };
  const run = async (ref: Awaited<ReturnType<typeof start>>, script: string) => harness.inside(ref, script);

  it('are those of a person in all servers of that person, and of nobody else', async () => {
    const [ada, eve] = [randomId(), randomId()];
    const [first, second, other] = [await start(ada), await start(ada), await start(eve)];
    await run(first, `fs.writeFileSync('/data/private/default/note', 'mine')`);
    const read = `print(fs.existsSync('/data/private/default/note') && fs.readFileSync('/data/private/default/note', 'utf8'))`;
    expect((await run(second, read)).output).toBe('mine');
    expect((await run(other, read)).output).toBe('false');
    const path = `/api/v1/namespaces/${harness.settings.cluster.namespace}/persistentvolumeclaims`;
    const { items } = await harness.api.call<List<Claim>>('GET', path, { signal: signal() });
    const modes = items.map(({ metadata, spec }) => [
      metadata?.labels?.['davit.owner'] ?? 'all',
      spec?.accessModes?.join(),
    ]);
    expect(modes.sort()).toEqual(
      [
        [ada, 'ReadWriteOnce'],
        [eve, 'ReadWriteOnce'],
        ['all', 'ReadWriteMany'],
      ].sort(),
    );
  });

  it('leave what is public to reading alone', async () => {
    const ref = await start(randomId());
    const write = (where: string) =>
      `try { fs.writeFileSync('/data/${where}/default/x', ''); print('written') } catch (error) { print(error.code) }`;
    expect((await run(ref, write('public'))).output).toBe('EROFS');
    expect((await run(ref, write('share'))).output).toBe('EROFS');
    expect((await run(ref, write('private'))).output).toBe('written');
  });
});
