import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.ts';

function file(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'davit-config-')), 'secret');
  writeFileSync(path, content);
  return path;
}

describe('loadConfig', () => {
  it('has a port for calls from inside servers, another one than its own, unless told to have none', () => {
    expect(loadConfig({}).apiPort).toBe(7071);
    expect(loadConfig({ DAVIT_API_PORT: '0' }).apiPort).toBeUndefined();
    expect(() => loadConfig({ DAVIT_PORT: '7071' })).toThrow(/DAVIT_API_PORT/);
  });

  it('needs nothing: one machine, loopback, servers on hosts of their own', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      engine: 'docker',
      insecureHttp: false,
      databaseUrl: undefined,
    });
    expect(config.publicUrl.href).toBe('http://localhost:8000/');
    expect(config.serverUrl).toBe('http://s-{id}.localhost:8000');
    expect(Object.keys(config.sources)).toEqual(['default']);
  });

  it('lets the addresses follow the port', () => {
    expect(loadConfig({ DAVIT_PORT: '9001' }).serverUrl).toBe('http://s-{id}.localhost:9001');
  });

  it('names every bad setting at once', () => {
    const load = () =>
      loadConfig({ DAVIT_PORT: 'x', DAVIT_DATA_DIR: 'relative', DATABASE_URL: 'mysql://', DAVIT_ENGINE: 'other' });
    expect(load).toThrow(/DAVIT_PORT(.|\n)*DAVIT_DATA_DIR(.|\n)*DATABASE_URL(.|\n)*DAVIT_ENGINE/);
  });

  it('gives servers the package indexes of a campus, and takes no address with a password in it', () => {
    const load = (pip: string, npm = '') =>
      loadConfig({ DAVIT_PIP_INDEX_URL: pip, DAVIT_NPM_REGISTRY: npm }).serverVariables;
    expect(load('')).toEqual({});
    expect(load('https://mirror.test/simple', 'http://mirror.test:4873/')).toEqual({
      PIP_INDEX_URL: 'https://mirror.test/simple',
      UV_DEFAULT_INDEX: 'https://mirror.test/simple',
      NPM_CONFIG_REGISTRY: 'http://mirror.test:4873/',
    });
    expect(load('http://mirror.test:8081/simple')).toMatchObject({ PIP_TRUSTED_HOST: 'mirror.test:8081' });
    expect(() => load('https://ada:secret@mirror.test', 'ftp://x')).toThrow(
      /DAVIT_PIP_INDEX_URL must have no user and password(.|\n)*DAVIT_NPM_REGISTRY must be an http/,
    );
    expect(() => load('mirror')).toThrow('DAVIT_PIP_INDEX_URL must be an http or https address');
  });

  it('treats an empty setting as absent', () => {
    expect(loadConfig({ DAVIT_PORT: '', DATABASE_URL: '' }).port).toBe(8000);
  });

  it('reads secrets from files and refuses a password in the environment', () => {
    const config = loadConfig({ DAVIT_ADMIN_NAME: 'root', DAVIT_ADMIN_PASSWORD_FILE: file('correct horse\n') });
    expect(config.admin).toEqual({ name: 'root', password: 'correct horse' });
    expect(() => loadConfig({ DAVIT_ADMIN_NAME: 'root', DAVIT_ADMIN_PASSWORD: 'correct horse' })).toThrow(
      /must come from a file/,
    );
    expect(() => loadConfig({ DAVIT_ADMIN_NAME: 'root', DAVIT_ADMIN_PASSWORD_FILE: '/nowhere' })).toThrow(
      /cannot be read/,
    );
    expect(() => loadConfig({ DAVIT_ADMIN_NAME: 'root' })).toThrow(/go together/);
  });

  it('reads what it needs of a cluster, and asks for nothing of it without one', () => {
    expect(loadConfig({}).kubernetes).toBeUndefined();
    const { kubernetes } = loadConfig({
      DAVIT_ENGINE: 'kubernetes',
      DAVIT_REGISTRY_PULL_HOST: 'registry.example.org',
      DAVIT_KUBE_HUB_LABELS: 'app=davit-hub',
      DAVIT_REGISTRY_AUTH: 'token',
      DAVIT_SIGNING_KEY_FILE: '/etc/davit/tls.key',
      DAVIT_SIGNING_CERT_FILE: '/etc/davit/tls.crt',
      DAVIT_KUBE_SAVER_NAMESPACE: 'davit',
      DAVIT_KUBE_SAVER_LABELS: 'app=davit-image-saver',
      DAVIT_KUBE_GPUS: 'nvidia.com/gpu=NVIDIA,amd.com/gpu=AMD',
      DAVIT_KUBE_TOLERATIONS: 'gpu,pool=servers:NoSchedule',
    });
    expect(kubernetes?.registry.pushUrl.href).toBe('https://registry.example.org/');
    expect(kubernetes?.registry.auth).toEqual({ kind: 'token', service: 'davit-registry' });
    expect(kubernetes?.signing).toEqual({ keyFile: '/etc/davit/tls.key', certFile: '/etc/davit/tls.crt' });
    expect(kubernetes?.saver).toEqual({ namespace: 'davit', labels: { app: 'davit-image-saver' }, port: 7072 });
    expect(kubernetes?.cluster).toMatchObject({
      namespace: 'davit',
      gpus: { 'nvidia.com/gpu': 'NVIDIA', 'amd.com/gpu': 'AMD' },
      tolerations: [{ key: 'gpu' }, { key: 'pool', value: 'servers', effect: 'NoSchedule' }],
      network: { hubLabels: { app: 'davit-hub' } },
    });
  });

  it.each([
    [{ DAVIT_PUBLIC_URL: 'http://davit.example.org', DAVIT_SERVER_URL: 'http://s-{id}.example.net' }, /plain http/],
    [{ DAVIT_HOST: '0.0.0.0' }, /DAVIT_PUBLIC_URL is needed/],
    [{ DAVIT_PUBLIC_URL: 'https://davit.example.org' }, /DAVIT_SERVER_URL is needed/],
    [{ DAVIT_SERVER_URL: 'http://localhost:8000/s/{id}' }, /another host/],
    [{ DAVIT_SERVER_URL: 'http://s.localhost:8000' }, /\{id\} once/],
    [{ DAVIT_PUBLIC_URL: 'https://example.org/davit', DAVIT_SERVER_URL: 'https://s-{id}.example.net' }, /no path/],
    [{ DAVIT_TLS_CERT_FILE: '/c.pem' }, /go together/],
    [{ DAVIT_SOURCES: 'Bad Name=/x' }, /name=\/absolute\/path/],
    [{ DAVIT_SOURCES: 'nameless' }, /name=\/absolute\/path/],
    [{ DAVIT_SOURCES: 'ds=/mnt/a,ds=/mnt/b' }, /DAVIT_SOURCES names "ds" twice, with \/mnt\/a and \/mnt\/b/],
    [{ DAVIT_DECLARED_GPUS: 'test' }, /kind:count/],
    [{ DAVIT_DISK_LIMIT_MB: '20g' }, /DAVIT_DISK_LIMIT_MB/],
    [{ DAVIT_DISK_LIMIT_MB: '-1' }, /DAVIT_DISK_LIMIT_MB/],
    [{ DAVIT_TRUSTED_PROXIES: '10.0.0.0/8,everybody' }, /"everybody" must be an address or a range/],
    [{ DAVIT_TRUSTED_PROXIES: '10.0.0.0/33' }, /an address or a range/],
    [{ DAVIT_ENGINE: 'kubernetes' }, /DAVIT_REGISTRY_PULL_HOST is needed(.|\n)*DAVIT_KUBE_HUB_LABELS or/],
    [{ DAVIT_ENGINE: 'kubernetes', DAVIT_SIGNING_KEY_FILE: '/k.pem' }, /DAVIT_SIGNING_CERT_FILE go together/],
    [{ DAVIT_ENGINE: 'kubernetes', DAVIT_KUBE_SAVER_LABELS: 'a=b' }, /SAVER_LABELS needs DAVIT_SIGNING_KEY_FILE/],
    [{ DAVIT_ENGINE: 'kubernetes', DAVIT_REGISTRY_AUTH: 'token' }, /token needs DAVIT_SIGNING_KEY_FILE/],
    [{ DAVIT_ENGINE: 'kubernetes', DAVIT_REGISTRY_AUTH: 'password' }, /password needs DAVIT_REGISTRY_USER/],
    [{ DAVIT_ENGINE: 'kubernetes', DAVIT_REGISTRY_USER: 'hub' }, /DAVIT_REGISTRY_AUTH=password only/],
    [{ DAVIT_KUBE_TOLERATIONS: 'a=b:Sometimes' }, /"a=b:Sometimes" must be key=value:NoSchedule/],
    [{ DAVIT_KUBE_NODE_SELECTOR: 'pool' }, /"pool" must be name=value/],
    [{ DAVIT_KUBE_HUB_RANGES: '10.0.0.1' }, /must be a range/],
    [{ DAVIT_KUBE_VOLUME_SIZE: '10' }, /a size such as 100Gi/],
  ])('refuses %j', (env, message) => {
    expect(() => loadConfig(env)).toThrow(message);
  });

  it('takes addresses and ranges of proxies in front, and believes none by default', () => {
    expect(loadConfig({}).trustedProxies).toEqual([]);
    expect(loadConfig({ DAVIT_TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8,192.0.2.1' }).trustedProxies).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
      '192.0.2.1',
    ]);
  });

  it('limits what servers write to 20 GiB unless told otherwise', () => {
    expect(loadConfig({}).diskLimitMb).toBe(20_480);
    expect(loadConfig({ DAVIT_DISK_LIMIT_MB: '0' }).diskLimitMb).toBe(0);
  });

  it('allows plain http on a public name only when told so, and says that it is', () => {
    const config = loadConfig({
      DAVIT_PUBLIC_URL: 'http://davit.example.org',
      DAVIT_SERVER_URL: 'http://s-{id}.example.net',
      DAVIT_INSECURE_HTTP: '1',
    });
    expect(config.insecureHttp).toBe(true);
  });

  it('takes path mode on another host than the hub', () => {
    expect(loadConfig({ DAVIT_SERVER_URL: 'http://127.0.0.1:8000/s/{id}/' }).serverUrl).toBe(
      'http://127.0.0.1:8000/s/{id}',
    );
  });

  it('reads data sources and declared cards', () => {
    const config = loadConfig({
      DAVIT_DATA_DIR: '/srv/davit',
      DAVIT_SOURCES: 'nfs_ds1=/mnt/ds1,lab=/mnt/lab/group=7',
      DAVIT_DECLARED_GPUS: 'test:4,big:1',
    });
    expect(config.sources).toEqual({
      default: '/srv/davit/storage/default',
      nfs_ds1: '/mnt/ds1',
      lab: '/mnt/lab/group=7',
    });
    expect(config.declaredGpus).toEqual([
      { kind: 'test', count: 4 },
      { kind: 'big', count: 1 },
    ]);
  });
});
