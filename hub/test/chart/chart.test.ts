import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config.ts';
import { REGISTRY_ISSUER } from '../../src/drivers/signing/index.ts';
import { CHART, helm, only, pods, render, type Rendered } from './render.ts';

/** Of the pods, these alone may ask the cluster. */
const WITH_TOKEN = ['davit-hub'];
/** Reads what is on a node, and has tests of its own below. */
const SAVER = 'davit-image-saver';
/** The ports of names, by UDP and TCP each. */
const DNS = '53,53,5353,5353';
/** The first call on a machine builds helm. */
const BUILD_MS = 15 * 60_000;

let trial: Rendered[];
let external: Rendered[];
let everything: Rendered[];
let secrets: string;

beforeAll(async () => {
  trial = await render('trial');
  external = await render('external');
  everything = await render('everything');
  secrets = mkdtempSync(join(tmpdir(), 'davit-chart-'));
  writeFileSync(join(secrets, 'database-url'), 'postgres://davit@database/davit');
  for (const name of ['admin-password', 'registry-password']) writeFileSync(join(secrets, name), 'a long password');
}, BUILD_MS);

afterAll(() => rmSync(secrets, { recursive: true, force: true }));

const podOf = (objects: Rendered[], name: string) => {
  const pod = pods(objects).find((one) => one.name === name);
  if (pod === undefined) throw new Error(`no pod ${name}`);
  return pod.spec;
};

const containerOf = (objects: Rendered[], name: string) => {
  const [container] = podOf(objects, name).containers;
  if (container === undefined) throw new Error(`no container in ${name}`);
  return container;
};

/** What the hub makes of its environment; its secret files lie in a directory of this test. */
const configOf = (objects: Rendered[]) => {
  const env = containerOf(objects, 'davit-hub').env ?? [];
  const settings = env.map(({ name, value = '' }) => [name, value.replace('/run/davit-secrets', secrets)] as const);
  return loadConfig({ DAVIT_HOST: '0.0.0.0', DAVIT_ENGINE: 'kubernetes', ...Object.fromEntries(settings) });
};

describe('the pods of the chart', () => {
  it.each(['trial', 'external', 'everything'])('run without privileges and within limits (%s)', async (values) => {
    for (const { name, spec, containers } of pods(await render(values))) {
      if (name === SAVER) continue;
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect([name, spec.automountServiceAccountToken]).toEqual([name, WITH_TOKEN.includes(name)]);
      expect([name, spec.enableServiceLinks]).toEqual([name, false]);
      expect([spec.hostNetwork, spec.hostPID, spec.hostIPC]).toEqual([undefined, undefined, undefined]);
      expect(spec.volumes?.filter((volume) => volume.hostPath !== undefined)).toEqual([]);
      for (const { securityContext, resources } of containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources?.requests).toMatchObject({ cpu: expect.anything(), memory: expect.anything() });
        expect(resources?.limits).toMatchObject({ memory: expect.anything() });
      }
    }
  });

  it('that save servers have the rights for that, and see of the node where its layers are', async () => {
    const stores = 'imageSaver.stores={/var/lib/containers/storage,/data/layers}';
    const rendered = await render('trial', stores);
    const container = containerOf(rendered, SAVER);
    const spec = podOf(rendered, SAVER);
    expect(spec).toMatchObject({ hostPID: true, automountServiceAccountToken: false });
    expect([spec.hostNetwork, spec.hostIPC]).toEqual([undefined, undefined]);
    expect(container.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      seccompProfile: { type: 'RuntimeDefault' },
      capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH', 'SYS_PTRACE', 'SYS_ADMIN'] },
    });
    expect(container.securityContext?.privileged).toBeUndefined();
    expect(container.ports?.map(({ containerPort, hostPort }) => [containerPort, hostPort])).toEqual([
      [7072, undefined],
    ]);
    const places = spec.volumes?.flatMap(({ hostPath }) => (hostPath === undefined ? [] : [hostPath.path]));
    expect(places).toEqual(['/var/lib/containers/storage', '/data/layers']);
    const seen = container.volumeMounts?.filter(({ name }) => name.startsWith('store-'));
    expect(seen?.map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual(places?.map((path) => [path, true]));
    const signing = spec.volumes?.find(({ name }) => name === 'signing')?.secret;
    expect(signing?.items).toEqual([{ key: 'tls.crt', path: 'tls.crt' }]);
  });

  it('get secrets as files only', () => {
    for (const { containers } of pods([...trial, ...external, ...everything])) {
      for (const { env = [], envFrom } of containers) {
        expect(envFrom).toBeUndefined();
        expect(env.filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined)).toEqual([]);
      }
    }
    const password = Buffer.from(only(trial, 'Secret', 'davit-postgres').data?.['password'] ?? '', 'base64').toString();
    expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(JSON.stringify(trial.filter(({ kind }) => kind !== 'Secret'))).not.toContain(password);
  });

  it('take the hub’s place one after another, each ready before the last one goes', () => {
    expect(only(trial, 'Deployment', 'davit-hub').spec).toMatchObject({
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
    });
    expect(only(trial, 'PodDisruptionBudget').spec).toMatchObject({ maxUnavailable: 1 });
    const { readinessProbe, livenessProbe } = containerOf(trial, 'davit-hub');
    expect(readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
    expect(livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
  });
});

describe('the PostgreSQL of a trial', () => {
  it('goes on while an upgrade brings another image of the hub, by which it runs too', async () => {
    const next = await render('trial', 'images.hub=davit/hub:next');
    const imageOf = (objects: Rendered[]) => containerOf(objects, 'davit-postgres').image;
    expect(imageOf(next)).not.toBe(imageOf(trial));
    expect(only(next, 'StatefulSet', 'davit-postgres').spec).toMatchObject({ updateStrategy: { type: 'OnDelete' } });
  });
});

describe('a cluster', () => {
  const on = (version: string) =>
    helm(['template', 'davit', CHART, '--kube-version', version, '-f', join(CHART, 'ci', 'trial.yaml')]);

  it('is refused when it is too old for a field of the pods', async () => {
    await expect(on('1.29.15')).rejects.toThrow(/kubeVersion: >=1\.30/);
    expect(await on('1.30.0')).toContain('appArmorProfile');
  });
});

describe('the rights of the hub', () => {
  it('are what it asks the cluster for, and no more', () => {
    const verbs = (one: Rendered) =>
      Object.fromEntries((one.rules ?? []).map(({ resources, verbs: all }) => [resources.join(), all.join(' ')]));
    expect(verbs(only(trial, 'Role', 'davit-hub'))).toEqual({
      pods: 'get list watch create patch delete',
      'pods/log': 'get',
      secrets: 'list create patch delete',
      persistentvolumeclaims: 'get create',
      events: 'list',
      networkpolicies: 'create patch',
    });
    expect(verbs(only(trial, 'ClusterRole'))).toEqual({ nodes: 'list', tokenreviews: 'create' });
    expect(verbs(only(trial, 'Role', SAVER))).toEqual({ pods: 'list' });
    const all = [...trial, ...external, ...everything].flatMap(({ rules = [] }) => rules);
    expect(all.flatMap(({ apiGroups, resources, verbs: each }) => [...apiGroups, ...resources, ...each])).not.toContain(
      '*',
    );
  });

  it('are in the servers’ namespace, which stays when the chart goes', () => {
    expect(only(trial, 'Role', 'davit-hub').metadata.namespace).toBe('davit-servers');
    expect(only(trial, 'Namespace').metadata).toMatchObject({
      name: 'davit-servers',
      annotations: { 'helm.sh/resource-policy': 'keep' },
    });
    expect(only(external, 'Role', 'davit-hub').metadata.namespace).toBe('davit');
    expect(external.filter(({ kind }) => kind === 'Namespace')).toEqual([]);
  });
});

describe('the settings of the hub', () => {
  it('are all there is for a trial', () => {
    expect(configOf(trial)).toMatchObject({
      engine: 'kubernetes',
      databaseUrl: 'postgres://davit@database/davit',
      serverUrl: 'https://s-{id}.davit-servers.example.net',
      insecureHttp: false,
      admin: undefined,
      kubernetes: {
        cluster: {
          namespace: 'davit-servers',
          apiUrl: 'http://davit-hub-inside.davit.svc:7071',
          network: { hubLabels: only(trial, 'Deployment').spec?.['selector']?.['matchLabels' as never] },
        },
        registry: { pullHost: 'registry.example.org' },
      },
    });
  });

  it('are what the values say', () => {
    expect(configOf(external)).toMatchObject({
      publicUrl: new URL('https://davit.example.org'),
      trustedProxies: ['10.0.0.0/8'],
      admin: { name: 'admin', password: 'a long password' },
      kubernetes: {
        cluster: {
          namespace: 'davit',
          gpus: { 'nvidia.com/gpu': 'NVIDIA', 'amd.com/gpu': 'AMD' },
          nodeSelector: { pool: 'servers' },
          tolerations: [{ key: 'gpu' }, { key: 'pool', value: 'servers', effect: 'NoSchedule' }],
          floating: true,
        },
        registry: {
          pullHost: 'registry.example.org:5000',
          pushUrl: new URL('http://registry.internal:5000'),
          auth: { kind: 'password', user: 'davit', passwordFile: join(secrets, 'registry-password') },
        },
      },
    });
  });

  it('and those of the registry fit together', () => {
    const { registry, signing } = configOf(everything).kubernetes ?? {};
    expect(registry).toEqual({
      pullHost: 'registry.davit.example.org',
      pushUrl: new URL('http://davit-registry.davit.svc:5000'),
      auth: { kind: 'token', service: 'davit-registry' },
    });
    expect(signing).toEqual({ keyFile: join(secrets, 'signing.key'), certFile: join(secrets, 'signing.crt') });
    const { env = [] } = containerOf(everything, 'davit-registry');
    expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).toMatchObject({
      REGISTRY_AUTH_TOKEN_REALM: 'https://davit.example.org/registry/token',
      REGISTRY_AUTH_TOKEN_SERVICE: 'davit-registry',
      REGISTRY_AUTH_TOKEN_ISSUER: REGISTRY_ISSUER,
    });
    const keys = pods(everything).flatMap(({ name, spec }) =>
      (spec.volumes ?? []).flatMap(({ secret }) => (secret?.items ?? []).map(({ key }) => `${name} ${key}`)),
    );
    expect(keys.filter((key) => key.includes('tls.'))).toEqual(['davit-image-saver tls.crt', 'davit-registry tls.crt']);
  });

  it.each([
    ['auto', 'auto'],
    ['on', 'on'],
    // As YAML reads an unquoted word.
    ['off', 'off'],
    ['true', 'on'],
    ['false', 'off'],
  ])('give pods users of their own: %s', async (value, expected) => {
    const { kubernetes } = configOf(await render('trial', `servers.userNamespaces=${value}`));
    expect(kubernetes?.cluster.userNamespaces).toBe(expected);
  });

  it('can be added to, and replaced', async () => {
    const config = configOf(await render('trial', 'hub.env.DAVIT_LOG_LEVEL=warn', 'hub.env.DAVIT_CPU_OVERCOMMIT=2'));
    expect(config).toMatchObject({ logLevel: 'warn', cpuOvercommit: 2 });
  });
});

describe('the network', () => {
  it('is closed but for named ways', () => {
    const policies = (objects: Rendered[]) =>
      Object.fromEntries(
        objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata, spec }) => [metadata.name, spec ?? {}]),
      );
    const ofTrial = policies(trial);
    expect(Object.keys(ofTrial).sort()).toEqual([
      'davit-deny',
      'davit-hub',
      'davit-image-saver',
      'davit-image-saver-hub',
      'davit-postgres',
    ]);
    expect(ofTrial['davit-deny']).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
    expect(ofTrial['davit-deny']).not.toHaveProperty('ingress');
    expect(ofTrial['davit-deny']).not.toHaveProperty('egress');
    const ports = (rules: unknown) =>
      (rules as { ports: { port: number }[] }[]).map((rule) => rule.ports.map(({ port }) => port).join());
    expect(ports(ofTrial['davit-hub']?.['ingress'])).toEqual(['8000', '7071']);
    expect(ports(ofTrial['davit-hub']?.['egress'])).toEqual([DNS, '443,6443', '7070', '5432', '443']);
    expect(ports(ofTrial['davit-postgres']?.['ingress'])).toEqual(['5432']);
    expect(ports(ofTrial[SAVER]?.['ingress'])).toEqual(['7072']);
    expect(ports(ofTrial[SAVER]?.['egress'])).toEqual([DNS, '443']);
    expect(ports(ofTrial['davit-image-saver-hub']?.['egress'])).toEqual(['7072']);
    expect(ofTrial['davit-postgres']).not.toHaveProperty('egress');
    expect(ports(policies(external)['davit-hub']?.['egress'])).toEqual([DNS, '6443', '7070', '6432', '5000']);
    expect(ports(policies(everything)['davit-registry']?.['ingress'])).toEqual(['5000']);
    expect(policies(everything)['davit-registry']).not.toHaveProperty('egress');
  });

  it('reaches the hub and all servers by an ingress', () => {
    const { tls, rules } = only(external, 'Ingress').spec as {
      tls: { hosts: string[]; secretName: string }[];
      rules: { host: string }[];
    };
    expect(rules.map(({ host }) => host)).toEqual(['davit.example.org', '*.davit-servers.example.net']);
    expect(tls.map(({ hosts, secretName }) => [hosts[0], secretName])).toEqual([
      ['davit.example.org', 'davit-tls'],
      ['*.davit-servers.example.net', 'davit-servers-tls'],
    ]);
  });
});

describe('values', () => {
  it.each([
    ['unknown', 'hub.publicURL=https://davit.example.org', /publicURL/],
    ['of a wrong form', 'servers.storage.size=10', /size/],
    ['that are no settings of a saver', 'imageSaver.env.lower=x', /lower/],
    ['that give the hub no time to end', 'hub.drainSeconds=60', /terminationGracePeriodSeconds has to be more/],
    ['that would tolerate any taint', 'servers.tolerations[0].key=gpu', /that of gpu has no value/],
    ['that contradict each other', 'database.existingSecret=other', /not both/],
    ['that are missing', 'postgres.enabled=false', /A PostgreSQL is needed/],
    ['without an image', 'images.hub=', /npm run images/],
    ['without an address', 'hub.publicUrl=', /hub\.publicUrl is needed/],
    ['without the registry of the nodes', 'registry.pullHost=', /registry\.pullHost is needed/],
    ['with an account at the own registry', 'registry.enabled=true,registry.user=a', /outside of the cluster/],
  ])('%s are refused in words', async (_, setting, words) => {
    await expect(render('trial', setting)).rejects.toThrow(words);
  });
});
