import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestApi, type TestObject } from '../../../../test/testKubeApi.ts';
import { SpawnWaits } from '../../../domains/servers/spawner.ts';
import { createLog } from '../../../platform/log.ts';
import { testSpec } from '../conformance.ts';
import { KubernetesSpawner } from './kubernetesSpawner.ts';
import { secretName } from './secretSpec.ts';
import { CONTAINER, LABEL, podName } from './settings.ts';
import { TEST_CLUSTER } from './testSettings.ts';

const INSTANCE = 'hub000000001';
const [PODS, SECRETS, EVENTS] = ['pods', 'secrets', 'events'].map((one) => `/api/v1/namespaces/davit/${one}`) as [
  string,
  string,
  string,
];
const NODES = '/api/v1/nodes';
const LONG_AGO = new Date(Date.now() - 3600_000).toISOString();
const SPEC = testSpec({ ref: 'registry/davit/test:1', digest: `sha256:${'0'.repeat(64)}` });

const signal = () => AbortSignal.timeout(10_000);
const node = (name: string) => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

/** A pod of a server that runs on a machine. */
function podOf(serverId: string, nodeName: string, metadata: Partial<TestObject['metadata']> = {}): TestObject {
  const labels = { [LABEL.instance]: INSTANCE, [LABEL.server]: serverId, [LABEL.generation]: '1', ...metadata.labels };
  return {
    metadata: { name: podName(INSTANCE, serverId), creationTimestamp: LONG_AGO, ...metadata, labels },
    spec: { nodeName, containers: [] },
    status: { phase: 'Running', containerStatuses: [{ name: CONTAINER, state: { running: { startedAt: LONG_AGO } } }] },
  };
}

describe('KubernetesSpawner', () => {
  let api: TestApi;
  let spawner: KubernetesSpawner;
  beforeEach(async () => {
    api = await TestApi.listen();
    const settings = { instanceId: INSTANCE, cluster: TEST_CLUSTER, diskLimitMb: 0, log: createLog('silent') };
    spawner = new KubernetesSpawner(api.config, settings);
    api.put(NODES, node('n1'));
  });
  afterEach(async () => {
    await spawner.dispose();
    await api.close();
  });

  const seen = async () => (await spawner.list(signal())).map(({ state, reason }) => [state, reason?.code]);

  describe('and the machines', () => {
    it('does not take a pod for lost whose machine joined after the machines were listed', async () => {
      expect(await seen()).toEqual([]);
      api.put(NODES, node('n2'));
      api.put(PODS, podOf(SPEC.serverId, 'n2'));
      expect(await seen()).toEqual([['running', undefined]]);
    });

    it('takes it for lost when the machine is in no newer list either', async () => {
      expect(await seen()).toEqual([]);
      api.put(PODS, podOf(SPEC.serverId, 'n2'));
      expect(await seen()).toEqual([['exited', 'lost']]);
    });

    it('knows of them whoever asked first went away', async () => {
      api.put(PODS, podOf(SPEC.serverId, 'n2'));
      const [abort, asked, answer] = [new AbortController(), Promise.withResolvers(), Promise.withResolvers()];
      api.before = (call) => {
        if (call !== `GET ${NODES}`) return undefined;
        asked.resolve(undefined);
        return answer.promise;
      };
      const first = spawner.list(abort.signal);
      await asked.promise;
      const second = seen();
      abort.abort(new Error('enough'));
      setTimeout(() => answer.resolve(undefined), 100);
      await expect(first).rejects.toThrow('enough');
      expect(await second).toEqual([['exited', 'lost']]);
    });
  });

  describe('that finds a pod of that name when it makes one', () => {
    /** Another hub makes this pod between the look and the making. */
    const meanwhile = (metadata: Partial<TestObject['metadata']>) => {
      api.before = (call) => {
        if (call === `POST ${PODS}`) api.put(PODS, podOf(SPEC.serverId, 'n1', metadata));
      };
      return spawner.ensure(SPEC, signal());
    };

    it('takes it over when it is of the same generation', async () => {
      expect(await meanwhile({ uid: 'theirs' })).toEqual({ serverId: SPEC.serverId, engineId: 'theirs' });
    });

    it('waits when it is of a newer one: a newer hub made it', async () => {
      await expect(meanwhile({ labels: { [LABEL.generation]: '2' } })).rejects.toThrow(SpawnWaits);
    });

    it.each([
      ['is of an older one', { labels: { [LABEL.generation]: '0' } }],
      ['is being deleted', { deletionTimestamp: LONG_AGO }],
    ])('does not take it for its own when it %s', async (_, metadata) => {
      await expect(meanwhile(metadata)).rejects.toThrow('has to go first');
      expect(api.calls.filter((call) => call.startsWith(`PATCH ${SECRETS}`))).toHaveLength(1);
    });
  });

  describe('and old secrets', () => {
    const name = secretName(INSTANCE, SPEC.serverId, 1);
    const labels = { [LABEL.instance]: INSTANCE, [LABEL.server]: SPEC.serverId };
    beforeEach(() => {
      api.put(SECRETS, { metadata: { name, labels, creationTimestamp: LONG_AGO } });
    });

    it('removes one whose pod was never made', async () => {
      await seen();
      expect(api.names(SECRETS)).toEqual([]);
    });

    it('keeps one whose pod was made after the pods were listed', async () => {
      api.before = (call) => {
        if (call === `GET ${SECRETS}`) api.put(PODS, podOf(SPEC.serverId, 'n1'));
      };
      await seen();
      expect(api.names(SECRETS)).toEqual([name]);
    });

    it('keeps one that was given to a pod in the last moment', async () => {
      api.before = (call) => {
        if (call === `DELETE ${SECRETS}/${name}`) api.put(SECRETS, { metadata: { name, labels } });
      };
      await seen();
      expect(api.names(SECRETS)).toEqual([name]);
    });
  });

  it('knows why each of many pods has ended', async () => {
    for (let index = 0; index < 30; index += 1) {
      const pod = podOf(`server${String(index).padStart(6, '0')}`, 'n1', { uid: `pod-${index}` });
      const terminated = { exitCode: 0, reason: 'Completed', startedAt: LONG_AGO, finishedAt: LONG_AGO };
      api.put(PODS, { ...pod, status: { containerStatuses: [{ name: CONTAINER, state: { terminated } }] } });
      const about = { kind: 'Pod', uid: `pod-${index}` };
      api.put(EVENTS, { metadata: { name: `event-${index}` }, involvedObject: about, reason: 'Evicted', message: '' });
    }
    const why = (await spawner.list(signal())).map(({ reason }) => reason?.message);
    expect(why).toHaveLength(30);
    for (const message of why) expect(message).toContain('Its machine ended the server');
  });
});
