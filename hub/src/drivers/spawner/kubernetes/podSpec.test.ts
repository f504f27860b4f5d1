import { describe, expect, it } from '@jest/globals';
import { SpawnRefused, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { podSpec } from './podSpec.ts';
import type { ClusterSettings } from './settings.ts';
import { TEST_CLUSTER } from './testSettings.ts';

const SPEC: ServerSpec = {
  serverId: 'srv000000001',
  ownerId: 'usr000000001',
  generation: 3,
  serverName: 'work',
  userName: 'ada',
  image: { ref: 'registry.test:5000/davit/jupyterlab:0123456789ab', digest: `sha256:${'a'.repeat(64)}` },
  resources: { cpu: 1.5, memoryMb: 2048, gpu: 0 },
  gpuIds: [],
  editors: ['jupyterlab', 'code-server'],
  basePath: '',
  sources: ['default'],
  sharedWritable: false,
  secret: 'the-secret',
  token: 'the-token',
};

function podOf(changes: Partial<ServerSpec> = {}, cluster: Partial<ClusterSettings> = {}, ownUsers = false) {
  const settings = {
    instanceId: 'hub000000001',
    cluster: { ...TEST_CLUSTER, ...cluster },
    diskLimitMb: 20_480,
    ownUsers,
  };
  return podSpec({ ...SPEC, ...changes }, settings);
}

const containerOf = (pod: ReturnType<typeof podSpec>) => pod.spec?.containers[0];

describe('podSpec', () => {
  it('makes this pod', () => {
    expect(podOf()).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'davit-hub000000001-srv000000001',
        labels: {
          'davit.instance': 'hub000000001',
          'davit.server': 'srv000000001',
          'davit.owner': 'usr000000001',
          'davit.generation': '3',
        },
        finalizers: ['davit.local/end-recorded'],
      },
      spec: {
        hostname: 'srv000000001',
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 10,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        serviceAccountName: 'default',
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          runAsGroup: 1000,
          fsGroup: 1000,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
        tolerations: [
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
          { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
        ],
        containers: [
          {
            name: 'server',
            image: `registry.test:5000/davit/jupyterlab@sha256:${'a'.repeat(64)}`,
            imagePullPolicy: 'IfNotPresent',
            ports: [{ name: 'agent', containerPort: 7070, protocol: 'TCP' }],
            env: [
              { name: 'DAVIT_SERVER_ID', value: 'srv000000001' },
              { name: 'DAVIT_SERVER_NAME', value: 'work' },
              { name: 'DAVIT_USER_NAME', value: 'ada' },
              { name: 'DAVIT_EDITORS', value: 'jupyterlab,code-server' },
              { name: 'DAVIT_BASE_PATH', value: '' },
              { name: 'DAVIT_MEMORY_MB', value: '2048' },
              { name: 'DAVIT_CPU', value: '1.5' },
              { name: 'MEM_LIMIT', value: '2147483648' },
            ],
            resources: {
              requests: { cpu: '1500m', memory: '2048Mi', 'ephemeral-storage': '512Mi' },
              limits: { cpu: '1500m', memory: '2048Mi', 'ephemeral-storage': '20480Mi' },
            },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [
              { name: 'data-0', mountPath: '/data/private/default', subPath: 'private/usr000000001', readOnly: false },
              { name: 'data-0', mountPath: '/data/public/default', subPath: 'public', readOnly: true },
              { name: 'data-0', mountPath: '/data/share/default', subPath: 'share', readOnly: true },
              { name: 'davit', mountPath: '/run/davit', readOnly: true },
              { name: 'shm', mountPath: '/dev/shm' },
            ],
          },
        ],
        volumes: [
          { name: 'data-0', persistentVolumeClaim: { claimName: 'davit-hub000000001-default' } },
          {
            name: 'davit',
            projected: {
              defaultMode: 0o440,
              sources: [
                {
                  secret: {
                    name: 'davit-hub000000001-srv000000001-3',
                    items: [
                      { key: 'secret', path: 'secret' },
                      { key: 'go', path: 'go' },
                    ],
                  },
                },
                { serviceAccountToken: { audience: 'davit', expirationSeconds: 3600, path: 'token' } },
              ],
            },
          },
          { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1024Mi' } },
        ],
      },
    });
  });

  it('holds no secret', () => {
    const text = JSON.stringify(podOf());
    expect(text).not.toContain('the-secret');
    expect(text).not.toContain('the-token');
  });

  it('promises half and allows twice as much where resources float', () => {
    const pod = podOf({}, { floating: true });
    expect(containerOf(pod)?.resources).toEqual({
      requests: { cpu: '750m', memory: '1024Mi', 'ephemeral-storage': '512Mi' },
      limits: { cpu: '3000m', memory: '4096Mi', 'ephemeral-storage': '20480Mi' },
    });
    expect(containerOf(pod)?.env).toContainEqual({ name: 'MEM_LIMIT', value: '4294967296' });
  });

  it('asks for cards of each kind, requested as they are limited', () => {
    const gpus = { 'nvidia.com/gpu': 'NVIDIA', 'amd.com/gpu': 'AMD' };
    const gpuIds = ['node-1/0/nvidia.com/gpu', 'node-1/3/nvidia.com/gpu', 'node-1/0/amd.com/gpu'];
    const { requests, limits } = containerOf(podOf({ gpuIds }, { gpus, floating: true }))?.resources ?? {};
    for (const amounts of [requests, limits]) {
      expect(amounts).toMatchObject({ 'nvidia.com/gpu': '2', 'amd.com/gpu': '1' });
    }
    expect(() => podOf({ gpuIds: ['node-1/0/other.com/gpu'] })).toThrow(SpawnRefused);
  });

  it('would rather go where its cards were counted, and anywhere without cards', () => {
    const preference = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] };
    const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] };
    expect(podOf({ gpuIds: ['node-1/0/nvidia.com/gpu'] }).spec?.affinity).toEqual({ nodeAffinity });
    expect(podOf().spec).not.toHaveProperty('affinity');
  });

  it('writes public and shared files for those who may', () => {
    const mounts = containerOf(podOf({ sharedWritable: true }))?.volumeMounts ?? [];
    expect(mounts.filter(({ mountPath }) => mountPath.startsWith('/data')).map(({ readOnly }) => readOnly)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('names the secret for the registry before those that the admin made', () => {
    const cluster = { ...TEST_CLUSTER, imagePullSecrets: ['mirror'] };
    const registry = { host: 'registry.test', credential: () => ({ user: 'nodes', password: 'secret' }) };
    const pod = podSpec(SPEC, { instanceId: 'hub000000001', cluster, diskLimitMb: 0, registry, ownUsers: false });
    expect(pod.spec?.imagePullSecrets).toEqual([{ name: 'davit-hub000000001-registry' }, { name: 'mirror' }]);
    expect(JSON.stringify(pod)).not.toContain('nodes');
  });

  it('goes where and as what the admin says', () => {
    const pod = podOf(
      {},
      {
        nodeSelector: { pool: 'servers' },
        tolerations: [{ key: 'pool', value: 'servers', effect: 'NoSchedule' }, { key: 'gpu' }],
        priorityClassName: 'low',
        runtimeClassName: 'sandbox',
        imagePullSecrets: ['registry'],
        serviceAccountName: 'davit-server',
        apiUrl: 'http://hub.davit.svc:7071',
      },
      true,
    );
    expect(pod.spec).toMatchObject({
      nodeSelector: { pool: 'servers' },
      priorityClassName: 'low',
      runtimeClassName: 'sandbox',
      imagePullSecrets: [{ name: 'registry' }],
      hostUsers: false,
      serviceAccountName: 'davit-server',
    });
    expect(pod.spec?.tolerations?.slice(2)).toEqual([
      { key: 'pool', value: 'servers', effect: 'NoSchedule', operator: 'Equal' },
      { key: 'gpu', operator: 'Exists' },
    ]);
    expect(containerOf(pod)?.env).toContainEqual({ name: 'DAVIT_API_URL', value: 'http://hub.davit.svc:7071' });
  });

  it('goes where its own placement says instead, and takes nothing else from that', () => {
    const stored = {
      nodeSelector: { pool: 'lab' },
      tolerations: [{ key: 'lab', value: 'x', effect: 'NoExecute' as const, tolerationSeconds: 1 }],
      priorityClassName: null,
      runtimeClassName: 'kata',
      imagePullSecrets: ['a', 'b'],
      hostNetwork: true,
    };
    const cluster = { nodeSelector: { pool: 'servers' }, priorityClassName: 'low', imagePullSecrets: ['registry'] };
    const { spec } = podOf({ placement: stored }, { ...cluster, tolerations: [{ key: 'gpu' }] });
    expect(spec).toMatchObject({
      nodeSelector: { pool: 'lab' },
      runtimeClassName: 'kata',
      imagePullSecrets: [{ name: 'a' }, { name: 'b' }],
    });
    expect(spec?.tolerations?.slice(2)).toEqual([{ key: 'lab', operator: 'Equal', value: 'x', effect: 'NoExecute' }]);
    expect(spec).not.toHaveProperty('priorityClassName');
    expect(spec).not.toHaveProperty('hostNetwork');
  });

  it('goes to the machine of its person’s other servers where only one may write their files', () => {
    const storage = { ...TEST_CLUSTER.storage, accessMode: 'ReadWriteOnce' as const };
    expect(podOf({}, { storage }).spec?.affinity).toEqual({
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            labelSelector: { matchLabels: { 'davit.instance': 'hub000000001', 'davit.owner': 'usr000000001' } },
            topologyKey: 'kubernetes.io/hostname',
          },
        ],
      },
    });
  });

  it('lets no name be filled in by the cluster', () => {
    expect(containerOf(podOf({ serverName: '$(HOME) $5' }))?.env).toContainEqual({
      name: 'DAVIT_SERVER_NAME',
      value: '$$(HOME) $5',
    });
  });

  it('starts what an admin set for the image, and Davit’s own variables go first', () => {
    const environment = { LANG: 'C.UTF-8', PIP_INDEX_URL: 'https://mirror.test/simple', DAVIT_USER_NAME: 'eve' };
    const container = containerOf(podOf({ launch: { sudo: true, environment, command: ['serve', '--now'] } }));
    expect(container?.env).toEqual(
      expect.arrayContaining([
        { name: 'LANG', value: 'C.UTF-8' },
        { name: 'PIP_INDEX_URL', value: 'https://mirror.test/simple' },
        { name: 'DAVIT_USER_NAME', value: 'ada' },
        { name: 'DAVIT_COMMAND', value: '["serve","--now"]' },
      ]),
    );
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: true,
      capabilities: { drop: ['NET_RAW', 'MKNOD'] },
    });
  });

  it('has no limit of disk where there is none', () => {
    const settings = { instanceId: 'hub000000001', cluster: TEST_CLUSTER, diskLimitMb: 0, ownUsers: false };
    expect(JSON.stringify(podSpec(SPEC, settings))).not.toContain('ephemeral-storage');
  });
});
