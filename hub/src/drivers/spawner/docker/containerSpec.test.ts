import { describe, expect, it } from '@jest/globals';
import { SpawnRefused, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { containerSpec, type SpecSettings } from './containerSpec.ts';
import { cdiNames, withDeviceRequests, type DetectedGpu } from './gpus.ts';
import { libpodSpec } from './libpod.ts';

const spec: ServerSpec = {
  serverId: 'serveraaaaaa',
  ownerId: 'owneraaaaaaa',
  generation: 7,
  serverName: 'my work',
  userName: 'ada',
  image: { ref: 'localhost/davit/jupyterlab:0123456789ab', digest: 'sha256:abc' },
  resources: { cpu: 1.5, memoryMb: 2048, gpu: 0 },
  gpuIds: [],
  editors: ['jupyterlab', 'code-server'],
  basePath: '/s/serveraaaaaa',
  sources: ['default'],
  sharedWritable: false,
  secret: 'very-secret',
  token: 'davit_token',
};
const settings: SpecSettings = {
  instanceId: 'hubaaaaaaaaa',
  sources: { default: '/srv/davit/default', ds1: '/mnt/ds1' },
  secretsDir: '/run/davit-hubaaaaaaaaa/serveraaaaaa',
  network: 'davit-hubaaaaaaaaa',
};
const mount = (Source: string, Target: string, ReadOnly: boolean) => ({ Type: 'bind', Source, Target, ReadOnly });

describe('containerSpec', () => {
  it('is exactly this', () => {
    expect(containerSpec(spec, settings)).toEqual({
      name: 'davit-hubaaaaaaaaa-serveraaaaaa',
      Image: 'sha256:abc',
      User: '1000:1000',
      Hostname: 'serveraaaaaa',
      Env: [
        'DAVIT_SERVER_ID=serveraaaaaa',
        'DAVIT_SERVER_NAME=my work',
        'DAVIT_USER_NAME=ada',
        'DAVIT_EDITORS=jupyterlab,code-server',
        'DAVIT_BASE_PATH=/s/serveraaaaaa',
        'DAVIT_MEMORY_MB=2048',
        'DAVIT_CPU=1.5',
        'MEM_LIMIT=2147483648',
      ],
      Labels: {
        'davit.instance': 'hubaaaaaaaaa',
        'davit.server': 'serveraaaaaa',
        'davit.owner': 'owneraaaaaaa',
        'davit.generation': '7',
      },
      ExposedPorts: { '7070/tcp': {} },
      StopTimeout: 10,
      HostConfig: {
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Memory: 2_147_483_648,
        MemorySwap: 2_147_483_648,
        NanoCpus: 1_500_000_000,
        PidsLimit: 4096,
        ShmSize: 1_073_741_824,
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
        NetworkMode: 'davit-hubaaaaaaaaa',
        PortBindings: { '7070/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        Mounts: [
          mount('/srv/davit/default/private/owneraaaaaaa', '/data/private/default', false),
          mount('/srv/davit/default/public', '/data/public/default', true),
          mount('/srv/davit/default/share', '/data/share/default', true),
          mount('/run/davit-hubaaaaaaaaa/serveraaaaaa', '/run/davit', true),
        ],
      },
    });
  });

  it('holds no secret', () => {
    const text = JSON.stringify(containerSpec(spec, settings));
    expect(text).not.toContain('very-secret');
    expect(text).not.toContain('davit_token');
  });

  it('mounts each source, shared ones writable for admins alone', () => {
    const { Mounts } = containerSpec(
      { ...spec, sources: ['default', 'ds1'], sharedWritable: true },
      settings,
    ).HostConfig;
    expect(Mounts?.map(({ Target, ReadOnly }) => `${Target} ${ReadOnly}`)).toEqual([
      '/data/private/default false',
      '/data/public/default false',
      '/data/share/default false',
      '/data/private/ds1 false',
      '/data/public/ds1 false',
      '/data/share/ds1 false',
      '/run/davit true',
    ]);
  });

  it('takes the API address and another process limit where they are set', () => {
    const made = containerSpec(spec, { ...settings, apiUrl: 'http://10.0.0.1:8001', pidsLimit: 50 });
    expect(made.Env).toContain('DAVIT_API_URL=http://10.0.0.1:8001');
    expect(made.HostConfig.PidsLimit).toBe(50);
  });

  it('takes of an image what an admin set, and its own variables before those', () => {
    const index = 'https://mirror.test/simple';
    const environment = { PIP_INDEX_URL: index, HF_HOME: '/data/user/hf', DAVIT_SERVER_ID: 'forged', MEM_LIMIT: '1' };
    const launch = { sudo: false, environment, command: ['tensorboard', '--logdir=my runs'] };
    const plain = containerSpec(spec, settings);
    expect(containerSpec({ ...spec, launch }, settings)).toEqual({
      ...plain,
      Env: [
        `PIP_INDEX_URL=${index}`,
        'HF_HOME=/data/user/hf',
        'DAVIT_SERVER_ID=serveraaaaaa',
        'MEM_LIMIT=2147483648',
        ...(plain.Env ?? []).filter((one) => !/^(DAVIT_SERVER_ID|MEM_LIMIT)=/.test(one)),
        'DAVIT_COMMAND=["tensorboard","--logdir=my runs"]',
      ],
    });
  });

  it('lets programs become root in the container with sudo, and in no other way', () => {
    const launch = { sudo: true, environment: {}, command: undefined };
    const plain = containerSpec(spec, settings);
    const made = containerSpec({ ...spec, launch }, settings);
    expect(made).toEqual({
      ...plain,
      HostConfig: { ...plain.HostConfig, CapDrop: ['NET_RAW', 'MKNOD'], SecurityOpt: [] },
    });
    expect(made.User).toBe('1000:1000');
    expect(libpodSpec(made, [])).toMatchObject({ cap_drop: ['NET_RAW', 'MKNOD'], no_new_privileges: false });
  });

  it('refuses a data source that is not set up', () => {
    expect(() => containerSpec({ ...spec, sources: ['gone'] }, settings)).toThrow(SpawnRefused);
  });

  it.each(['../etc', 'a/b', '', 'UPPER'])('refuses the id %p, which becomes part of a path', (id) => {
    expect(() => containerSpec({ ...spec, ownerId: id }, settings)).toThrow('is not an id');
    expect(() => containerSpec({ ...spec, serverId: id }, settings)).toThrow('is not an id');
  });
});

describe('GPUs in the specification', () => {
  const card: DetectedGpu = { id: 'GPU-1', kind: 'A100', declared: false, index: 3 };

  it('are device requests for Docker', () => {
    const made = withDeviceRequests(containerSpec(spec, settings), [card]);
    expect(made.HostConfig?.DeviceRequests).toEqual([
      { Driver: 'nvidia', DeviceIDs: ['GPU-1'], Capabilities: [['gpu']] },
    ]);
    expect(withDeviceRequests(containerSpec(spec, settings), []).HostConfig?.DeviceRequests).toBeUndefined();
  });

  it('are CDI names for Podman, whose own API takes the same container', () => {
    expect(libpodSpec(containerSpec(spec, settings), cdiNames([card]))).toEqual({
      name: 'davit-hubaaaaaaaaa-serveraaaaaa',
      image: 'sha256:abc',
      user: '1000:1000',
      hostname: 'serveraaaaaa',
      env: {
        DAVIT_SERVER_ID: 'serveraaaaaa',
        DAVIT_SERVER_NAME: 'my work',
        DAVIT_USER_NAME: 'ada',
        DAVIT_EDITORS: 'jupyterlab,code-server',
        DAVIT_BASE_PATH: '/s/serveraaaaaa',
        DAVIT_MEMORY_MB: '2048',
        DAVIT_CPU: '1.5',
        MEM_LIMIT: '2147483648',
      },
      labels: {
        'davit.instance': 'hubaaaaaaaaa',
        'davit.server': 'serveraaaaaa',
        'davit.owner': 'owneraaaaaaa',
        'davit.generation': '7',
      },
      stop_timeout: 10,
      restart_policy: 'no',
      cap_drop: ['ALL'],
      no_new_privileges: true,
      shm_size: 1_073_741_824,
      resource_limits: {
        memory: { limit: 2_147_483_648, swap: 2_147_483_648 },
        cpu: { period: 100_000, quota: 150_000 },
        pids: { limit: 4096 },
      },
      log_configuration: { driver: 'k8s-file', size: 10_000_000 },
      netns: { nsmode: 'bridge' },
      Networks: { 'davit-hubaaaaaaaaa': {} },
      portmappings: [{ host_ip: '127.0.0.1', host_port: 0, container_port: 7070, protocol: 'tcp' }],
      mounts: [
        ['/srv/davit/default/private/owneraaaaaaa', '/data/private/default', 'rw'],
        ['/srv/davit/default/public', '/data/public/default', 'ro'],
        ['/srv/davit/default/share', '/data/share/default', 'ro'],
        ['/run/davit-hubaaaaaaaaa/serveraaaaaa', '/run/davit', 'ro'],
      ].map(([source, destination, mode]) => ({ type: 'bind', source, destination, options: ['rbind', mode] })),
      devices: [{ path: 'nvidia.com/gpu=3' }],
    });
  });
});
