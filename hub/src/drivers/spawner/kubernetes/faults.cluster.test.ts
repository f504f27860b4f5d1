import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { clusterCommand, without } from '../../../../test/engine/cluster.ts';
import { kubernetesHarness, type KubernetesHarness } from '../../../../test/engine/kubernetesHarness.ts';
import { AGENT_PORT, SpawnWaits, type ObservedServer, type ServerRef } from '../../../domains/servers/spawner.ts';
import { eventually, testSpec } from '../conformance.ts';
import { ClusterUnreachable } from './errors.ts';

const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);

const signal = () => AbortSignal.timeout(MINUTE);

describe('the kubernetes driver in trouble', () => {
  let harness: KubernetesHarness;
  beforeAll(async () => {
    harness = await kubernetesHarness();
  });
  afterEach(() => harness.clear());
  afterAll(() => harness.dispose());

  const list = () => harness.spawner.list(signal());
  const start = async (changes = {}) => {
    const spec = testSpec(harness.image, changes);
    return { spec, ref: await harness.spawner.ensure(spec, signal()) };
  };
  const seen = (ref: ServerRef, ready: (server: ObservedServer) => boolean, forMs = MINUTE) =>
    eventually(async () => (await list()).find((one) => one.ref.engineId === ref.engineId && ready(one)), forMs);

  it('knows nothing while the API server is away, and finds all as it was', async () => {
    const { spec, ref } = await start();
    await harness.ready(ref);
    const [before] = await list();
    const endpoint = await harness.spawner.endpoint(ref, AGENT_PORT, signal());
    let hints = 0;
    const end = harness.spawner.watch(() => (hints += 1));
    await without('kube-apiserver', async () => {
      const began = performance.now();
      await expect(list()).rejects.toThrow(ClusterUnreachable);
      await expect(harness.spawner.ensure(spec, signal())).rejects.toThrow(ClusterUnreachable);
      await expect(harness.spawner.remove(ref, signal())).rejects.toThrow(ClusterUnreachable);
      expect(performance.now() - began).toBeLessThan(30_000);
      // Not only cut: it also cannot be opened again.
      const failed = harness.failedTicks();
      await eventually(() => Promise.resolve(harness.failedTicks() > failed + 2 || undefined), MINUTE);
      const answer = await fetch(`http://${endpoint?.host}:${endpoint?.port}/`, {
        headers: { 'x-davit-secret': spec.secret },
      });
      expect(await answer.text()).toBe('test agent');
    });
    const silent = hints;
    const found = await eventually(() => list().catch(() => undefined), MINUTE);
    expect(found).toMatchObject([{ ref, state: 'running', startedAt: before?.startedAt }]);
    // Until the machine's next word the cluster may take it for silent.
    await seen(ref, (one) => one.reason === undefined);
    expect(await list()).toEqual([before]);
    await eventually(() => Promise.resolve(hints > silent || undefined), MINUTE);
    expect(await harness.spawner.ensure(spec, signal())).toEqual(ref);
    end();
  });

  it('grants nothing again of a machine that does not answer, and goes on with it when it answers', async () => {
    const { spec, ref } = await start();
    await harness.ready(ref);
    await without('kubelet', async () => {
      const lost = await seen(ref, (one) => one.reason !== undefined, 3 * MINUTE);
      expect(lost).toMatchObject({ state: 'running', reason: { code: 'engine-unreachable' } });
      expect((await harness.spawner.inventory(signal())).nodes.map(({ ready }) => ready)).toEqual([false]);
      const next = harness.spawner.ensure({ ...spec, generation: 2 }, signal());
      await expect(next).rejects.toThrow('does not answer');
      expect((await list()).map((one) => one.generation)).toEqual([1]);
    });
    // It was asked to end while its machine was away; its end is recorded before anything takes its place.
    const again = await eventually(
      () => harness.spawner.ensure({ ...spec, generation: 2 }, signal()).catch(() => undefined),
      3 * MINUTE,
    );
    expect(await seen(again, (one) => one.state === 'running')).toMatchObject({ generation: 2 });
  });

  it('keeps what ended until its end was recorded, whoever deletes it', async () => {
    const { ref } = await start();
    const { namespace } = harness.settings.cluster;
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { items } = await harness.api.call<{ items: { metadata: { name: string } }[] }>('GET', path, {
      signal: signal(),
    });
    await harness.api.call('DELETE', `${path}/${items[0]?.metadata.name}`, { signal: signal() });
    const ended = await seen(ref, (one) => one.state === 'exited');
    expect(ended.finishedAt).toBeInstanceOf(Date);
    await harness.spawner.remove(ref, signal());
    expect(await list()).toEqual([]);
  });

  it('says which resource a server waits for, and starts it when there is some', async () => {
    await clusterCommand('gpus', '1');
    try {
      const gpuIds = ['any/0/nvidia.com/gpu'];
      const { ref: first } = await start({ gpuIds });
      await harness.ready(first);
      const { ref: second } = await start({ gpuIds });
      const waiting = await seen(second, (one) => one.reason?.code === 'no-free-gpu');
      expect(waiting.state).toBe('created');
      await harness.spawner.remove(first, signal());
      await seen(second, (one) => one.state === 'running');
    } finally {
      await clusterCommand('gpus', '0');
    }
  });

  it('waits where the quota of the namespace is used up, and is not confused by many starts at once', async () => {
    const path = `/api/v1/namespaces/${harness.settings.cluster.namespace}/resourcequotas`;
    const body = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'all' }, spec: { hard: { pods: '4' } } };
    await harness.api.call('POST', path, { body, signal: signal() });
    const counted = async () => {
      const quota = await harness.api.call<{ status?: { hard?: object } }>('GET', `${path}/all`, { signal: signal() });
      return quota.status?.hard;
    };
    await eventually(counted, MINUTE);
    try {
      const made = await Promise.allSettled(Array.from({ length: 6 }, () => start()));
      const refused = made.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown);
      expect(refused).toHaveLength(2);
      for (const error of refused) expect(error).toBeInstanceOf(SpawnWaits);
      expect(await list()).toHaveLength(4);
    } finally {
      await harness.api.call('DELETE', `${path}/all`, { signal: signal() });
    }
  });
});
