import { describe, expect, it } from '@jest/globals';
import { isUnclear, observedServer, podEndpoint, type Surroundings } from './observe.ts';
import type { Event, Pod } from './wire.ts';

const AROUND: Surroundings = {
  nodes: new Map([
    ['node-1', true],
    ['node-2', false],
  ]),
  taints: [],
  gpus: { 'nvidia.com/gpu': 'NVIDIA' },
  diskLimitMb: 100,
};
const STARTED = '2026-01-01T00:00:05Z';
const ENDED = '2026-01-01T01:00:00Z';

function pod(status: Pod['status'], changes: { node?: string; deleted?: boolean } = {}): Pod {
  return {
    metadata: {
      uid: 'uid-1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'davit.server': 'srv000000001', 'davit.owner': 'usr000000001', 'davit.generation': '3' },
      ...(changes.deleted === true ? { deletionTimestamp: ENDED } : {}),
    },
    spec: {
      containers: [],
      ...('node' in changes && changes.node === undefined ? {} : { nodeName: changes.node ?? 'node-1' }),
    },
    status,
  };
}

type State = NonNullable<NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]['state']>;
const container = (state: State) => [{ name: 'server', state, image: '', imageID: '', ready: false, restartCount: 0 }];
const waits = (reason: string, message = '') =>
  pod({ phase: 'Pending', containerStatuses: container({ waiting: { reason, message } }) });
const ended = (terminated: Partial<NonNullable<State['terminated']>>, status: Pod['status'] = {}) =>
  pod({
    phase: 'Failed',
    ...status,
    containerStatuses: container({
      terminated: { exitCode: 1, startedAt: STARTED, finishedAt: ENDED, ...terminated },
    }),
  });
const reasonOf = (one: Pod, around: Partial<Surroundings> = {}) => observedServer(one, { ...AROUND, ...around }).reason;

describe('a pod as the hub sees it', () => {
  it('runs', () => {
    const running = pod({
      phase: 'Running',
      podIP: '10.1.2.3',
      containerStatuses: container({ running: { startedAt: STARTED } }),
    });
    expect(observedServer(running, AROUND)).toEqual({
      ref: { serverId: 'srv000000001', engineId: 'uid-1' },
      ownerId: 'usr000000001',
      generation: 3,
      state: 'running',
      createdAt: new Date('2026-01-01T00:00:00Z'),
      startedAt: new Date(STARTED),
    });
    expect(podEndpoint(running)).toEqual({ host: '10.1.2.3', port: 7070 });
  });

  it('has ended, with its code and times', () => {
    expect(observedServer(ended({ exitCode: 3 }), AROUND)).toMatchObject({
      state: 'exited',
      exitCode: 3,
      outOfMemory: false,
      startedAt: new Date(STARTED),
      finishedAt: new Date(ENDED),
    });
    expect(podEndpoint(ended({}))).toBeUndefined();
  });

  it('has ended for lack of memory', () => {
    expect(observedServer(ended({ exitCode: 137, reason: 'OOMKilled' }), AROUND)).toMatchObject({ outOfMemory: true });
  });

  it('goes on, as far as is known, on a machine that does not answer', () => {
    const cutOff = pod(
      { phase: 'Running', containerStatuses: container({ running: { startedAt: STARTED } }) },
      { node: 'node-2' },
    );
    expect(observedServer(cutOff, AROUND)).toMatchObject({
      state: 'running',
      reason: {
        code: 'engine-unreachable',
        message:
          'The machine node-2 of this server does not answer. Nothing was stopped; this ends by itself when it answers again.',
      },
    });
    expect(observedServer(cutOff, { ...AROUND, nodes: undefined }).reason).toBeUndefined();
  });

  it('has ended on a machine that is no more', () => {
    const lost = pod(
      { phase: 'Running', containerStatuses: container({ running: { startedAt: STARTED } }) },
      { node: 'node-9', deleted: true },
    );
    expect(observedServer(lost, AROUND)).toMatchObject({
      state: 'exited',
      finishedAt: new Date(ENDED),
      reason: { code: 'lost', params: { node: 'node-9' } },
    });
  });
});

describe('what a pod waits for', () => {
  it.each([
    [
      '0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: none.',
      'no-free-gpu',
      'Waits for a free GPU (NVIDIA)',
    ],
    ['0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.', 'no-free-memory', 'Waits for free memory'],
    ['0/2 nodes are available: 2 Insufficient cpu.', 'no-free-cpu', 'Waits for free CPU'],
    ['0/1 nodes are available: 1 Insufficient ephemeral-storage.', 'low-disk', 'Waits for disk space'],
    [
      '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
      'creating-container',
      'its files in /data',
    ],
    [
      '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.',
      'creating-container',
      'none that servers are allowed on',
    ],
    [
      "0/2 nodes are available: 1 Insufficient memory, 1 node(s) didn't match pod affinity rules.",
      'creating-container',
      'on the machine of your other servers',
    ],
    ['0/1 nodes are available: 1 Too many pods.', 'creating-container', 'as many servers as they can'],
  ])('%s', (message, code, words) => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    const found = reasonOf(pod({ phase: 'Pending', conditions }, { node: undefined }));
    expect(found?.code).toBe(code);
    expect(found?.message).toContain(words);
  });

  it.each([
    [
      "2 node(s) didn't match Pod's node affinity/selector.",
      { labels: 'pool=lab, zone=1' },
      'with pool=lab, zone=1: none that is ready has that',
    ],
    ['2 node(s) had untolerated taint {lab: x}.', { taints: 'lab=x' }, 'not reserved by a taint (lab=x).'],
    [
      "1 node(s) had untolerated taint {lab: }, 1 node(s) didn't match Pod's node affinity/selector. preemption: none.",
      { labels: 'pool=lab, zone=1', taints: 'lab=' },
      'with pool=lab, zone=1 that is not reserved by a taint (lab=).',
    ],
  ])('is a machine on which it may run: %s', (message, params, words) => {
    const conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: `0/2 nodes are available: ${message}`,
      },
    ];
    const one = pod({ phase: 'Pending', conditions }, { node: undefined });
    one.spec!.nodeSelector = { pool: 'lab', zone: '1' };
    expect(reasonOf(one)).toMatchObject({ code: 'no-machine', params });
    expect(reasonOf(one)?.message).toContain(words);
  });

  it('is a machine that no taint reserves, where the scheduler does not name the taints', () => {
    const message = '0/1 nodes are available: 1 node(s) had untolerated taint(s). preemption: 0/1 nodes are available.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    const one = pod({ phase: 'Pending', conditions }, { node: undefined });
    one.spec!.tolerations = [{ key: 'pool', operator: 'Exists' }];
    const taints = [
      { key: 'lab', value: 'x', effect: 'NoSchedule' },
      { key: 'pool', value: 'y', effect: 'NoSchedule' },
    ];
    expect(reasonOf(one, { taints })).toMatchObject({ code: 'no-machine', params: { taints: 'lab=x' } });
    // Those of the cluster itself, which are not told as reservations.
    expect(reasonOf(one)?.message).toContain('none that servers are allowed on is ready');
  });

  it('is its image, while that is fetched', () => {
    const events: Event[] = [
      { reason: 'Scheduled', lastTimestamp: '2026-01-01T00:00:01Z', involvedObject: {}, metadata: {} },
      { reason: 'Pulling', lastTimestamp: '2026-01-01T00:00:02Z', involvedObject: {}, metadata: {} },
    ];
    const one = waits('ContainerCreating');
    expect(reasonOf(one, { events })).toMatchObject({ code: 'pulling-image', params: { node: 'node-1' } });
    const pulled: Event = { reason: 'Pulled', lastTimestamp: '2026-01-01T00:00:09Z', involvedObject: {}, metadata: {} };
    expect(reasonOf(one, { events: [...events, pulled] })?.code).toBe('creating-container');
    expect(reasonOf(one)?.code).toBe('creating-container');
  });

  it('is the machine that still has its volume', () => {
    const message = 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) davit-a-b';
    const event: Event = {
      reason: 'FailedAttachVolume',
      message,
      lastTimestamp: '2026-01-01T00:00:01Z',
      involvedObject: {},
      metadata: {},
    };
    expect(reasonOf(waits('ContainerCreating'), { events: [event] })?.message).toContain('has not let go of them yet');
  });

  it('is its volume, while that cannot be mounted', () => {
    const event = {
      reason: 'FailedMount',
      message: 'timed out',
      lastTimestamp: STARTED,
      involvedObject: {},
      metadata: {},
    };
    expect(reasonOf(waits('ContainerCreating'), { events: [event] })?.message).toBe(
      'Waits for its files in /data: timed out',
    );
  });

  it('is the way to the registry, which is tried again', () => {
    const found = observedServer(waits('ImagePullBackOff', 'dial tcp: connection refused'), AROUND);
    expect(found).toMatchObject({ state: 'created', reason: { code: 'pulling-image' } });
    const long = `failed to pull and unpack image "registry.test/x@sha256:1": failed to resolve "registry.test/x": dial tcp: i/o timeout`;
    expect(reasonOf(waits('ErrImagePull', long))?.message).toBe(
      'The machine node-1 cannot fetch the image and tries again: dial tcp: i/o timeout',
    );
  });

  it.each(['unexpected status: 401 Unauthorized', 'pull access denied', 'failed to authorize: 403 Forbidden'])(
    'is the registry that does not let the machine in: %s',
    (message) => {
      const found = observedServer(waits('ErrImagePull', `failed to pull "registry.test/x": ${message}`), AROUND);
      expect(found).toMatchObject({ state: 'created', reason: { code: 'pulling-image', params: { node: 'node-1' } } });
      expect(found.reason?.message).toContain('does not let the machine node-1 fetch');
    },
  );

  it('is nothing any more when the registry does not have its image', () => {
    const found = observedServer(waits('ErrImagePull', 'manifest for x: not found'), AROUND);
    expect(found).toMatchObject({ state: 'exited', reason: { code: 'image-failed' } });
    expect(found.startedAt).toBeUndefined();
  });
});

describe('how a pod ended that did not end by itself', () => {
  it('for what it wrote', () => {
    const message = 'Pod ephemeral local storage usage exceeds the total limit of containers 100Mi.';
    expect(reasonOf(ended({ exitCode: 137 }, { reason: 'Evicted', message }))).toMatchObject({
      code: 'disk-limit',
      params: { limitMb: 100 },
    });
  });

  it('for what it wrote, also when it then ended as it should and only the event tells', () => {
    const message = 'Container server exceeded its local ephemeral storage limit "100Mi". ';
    const event: Event = { reason: 'Evicted', message, lastTimestamp: ENDED, involvedObject: {}, metadata: {} };
    const around = { ...AROUND, events: [event] };
    const over = ended({ exitCode: 0, reason: 'Completed' }, { phase: 'Succeeded' });
    expect(isUnclear(over)).toBe(true);
    expect(observedServer(over, around)).toMatchObject({ state: 'exited', reason: { code: 'disk-limit' } });
    expect(observedServer(over, AROUND).reason).toBeUndefined();
    const runs = pod({ phase: 'Running', containerStatuses: container({ running: { startedAt: STARTED } }) });
    expect(observedServer(runs, around)).toMatchObject({ state: 'running' });
    expect(isUnclear(runs)).toBe(false);
  });

  it('for its machine, which was short of something', () => {
    const message = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 4Mi.';
    const found = reasonOf(pod({ phase: 'Failed', reason: 'Evicted', message }));
    expect(found?.code).toBe('lost');
    expect(found?.message).toContain('it was short of memory');
  });

  it.each([
    ['PreemptionByScheduler', 'more important'],
    ['EvictionByEvictionAPI', 'maintenance'],
    ['DeletionByPodGC', 'taken out'],
    ['Unheard', 'The cluster ended the server.'],
  ])('by %s', (why, words) => {
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: why, lastTransitionTime: ENDED }];
    expect(reasonOf(ended({ exitCode: 143 }, { conditions }))?.message).toContain(words);
  });

  it('because its first program cannot be run', () => {
    const found = ended({ exitCode: 128, reason: 'StartError', message: 'exec: "/x": no such file' });
    expect(reasonOf(found)).toMatchObject({ code: 'engine-refused' });
  });

  it('because its machine did not take it', () => {
    const found = pod({ phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected' });
    expect(observedServer(found, AROUND)).toMatchObject({ state: 'exited', reason: { code: 'engine-refused' } });
  });
});
