import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createToken, type Scope } from '@davit/contract';
import { RegistryClient } from '@davit/oci';
import express from 'express';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistryDomain, nodeCredential } from '../src/domains/registry/index.ts';
import { runEngine } from '../src/drivers/images/engineCli.ts';
import { RegistryMaker } from '../src/drivers/images/registryMaker.ts';
import { pushedImage, pushImage, type RegistryLogin } from '../src/drivers/images/registryPush.ts';
import { hubRegistry, registryAuth, type RegistrySignIn } from '../src/drivers/registry/index.ts';
import { loadSigner } from '../src/drivers/signing/index.ts';
import { testKeys } from '../src/drivers/signing/testKeys.ts';
import { eventually, testSpec } from '../src/drivers/spawner/conformance.ts';
import { connectEngine, type Engine } from '../src/drivers/spawner/docker/index.ts';
import { KubernetesSpawner, loadKubeConfig } from '../src/drivers/spawner/kubernetes/index.ts';
import { KubeApi } from '../src/drivers/spawner/kubernetes/kubeApi.ts';
import { pullSecretName } from '../src/drivers/spawner/kubernetes/pullSecret.ts';
import { TEST_CLUSTER } from '../src/drivers/spawner/kubernetes/testSettings.ts';
import type { Secret } from '../src/drivers/spawner/kubernetes/wire.ts';
import { createLog } from '../src/platform/log.ts';
import { randomId } from '../src/platform/random.ts';
import { startAccounts, type AccountsHarness } from './apiHarness.ts';
import { clusterUp } from './engine/cluster.ts';
import { createNamespace, removeNamespace } from './engine/namespaces.ts';
import { startRegistry, type RegistryServer } from './engine/registryServer.ts';
import { ensureTestImage } from './engine/testImage.ts';

const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);
const signal = () => AbortSignal.timeout(MINUTE);
const KEY = Buffer.alloc(32, 3);
const SERVICE = 'davit-registry';

let engine: Engine;
let dataDir: string;
/** As an image of Davit is called. */
let image: { ref: string; digest: string };
/** Names that the engine has by these tests. */
const names = new Set<string>();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'davit-test-'));
  engine = await connectEngine({ dataDir, instanceId: randomId(), dockerHost: process.env['DOCKER_HOST'] });
  const made = await ensureTestImage(engine);
  image = { ...made, ref: `localhost/davit/agent:${made.ref.split(':').at(-1) ?? ''}` };
  await tag(made.ref, image.ref);
}, 5 * MINUTE);

afterAll(async () => {
  for (const name of names) await runEngine(engine.cli, ['rmi', name]);
  await engine.dispose();
  await rm(dataDir, { recursive: true, force: true });
}, MINUTE);

async function tag(from: string, to: string): Promise<void> {
  names.add(to);
  await runEngine(engine.cli, ['tag', from, to]);
}

/** A real registry that asks a hub who may do what, the engine of this machine as people have it, and a real cluster. */
describe.each([
  { key: 'an RSA key', newkey: ['rsa:2048'], nodes: false },
  // To a node it is all one who signed: it gets its token as everybody does.
  { key: 'an EC key', newkey: [], nodes: true },
])('the registry of a cluster, signed for by $key', ({ newkey, nodes }) => {
  let hub: AccountsHarness;
  let tokens: Server;
  let registry: RegistryServer;
  let signIn: RegistrySignIn;
  let client: RegistryClient;
  const logins: Record<string, RegistryLogin & { id: string }> = {};

  beforeAll(async () => {
    hub = await startAccounts();
    const { key, certificate } = testKeys(...newkey);
    signIn = { kind: 'token', signer: await loadSigner(key, certificate), service: SERVICE };
    const hubApp = express();
    tokens = hubApp.listen(0, '127.0.0.1');
    await once(tokens, 'listening');
    const realm = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/registry/token`;
    registry = await startRegistry({ kind: 'token', realm, service: SERVICE, issuer: 'davit', certificate });
    client = clientOf(signIn);
    const { tokenRoute } = createRegistryDomain({
      limits: hub.sessions.limits,
      registry: hubRegistry(registry.host, client, signIn),
      authenticate: hub.sessions.authenticate,
      mayPull: () => Promise.resolve(false),
      instanceKey: KEY,
      clock: hub.clock,
      log: createLog('silent'),
    });
    hubApp.use(tokenRoute);
    for (const [name, role] of [
      ['ada', 'user'],
      ['eve', 'user'],
      ['boss', 'admin'],
    ] as const) {
      const { id, client: person } = await hub.person(name, role);
      const scopes: Scope[] = ['read', 'servers', ...(role === 'admin' ? (['admin'] as const) : [])];
      const { body } = await person.call(createToken, { body: { name: 'registry', scopes, expiresInDays: null } });
      logins[name] = { id, user: name, password: body.token };
    }
  }, 5 * MINUTE);

  afterAll(async () => {
    await registry.close();
    tokens.close();
    await hub.close();
  });

  const clientOf = (as: RegistrySignIn) => new RegistryClient(registry.url, registryAuth(as, hub.clock));
  const loginOf = (name: string) => logins[name] ?? { id: '', user: name, password: 'davit_wrong' };
  const optionsFor = (name: string | undefined) => ({
    registry: `http://${registry.host}`,
    login: name === undefined ? undefined : loginOf(name),
    signal: signal(),
  });
  const push = (ref: string, name: string | undefined) => pushImage(engine.cli, ref, optionsFor(name));
  const pushed = (ref: string, name: string | undefined) => pushedImage(ref, optionsFor(name));
  const tagged = async (repository: string) => {
    const ref = `localhost/${repository}:1`;
    await tag(image.ref, ref);
    return ref;
  };
  const loginFiles = async () => (await readdir('/dev/shm')).filter((name) => name.startsWith('davit-login-'));

  it('takes the images of Davit from an admin by one call, and from nobody else', async () => {
    for (const name of [undefined, 'nobody', 'ada'])
      await expect(push(image.ref, name)).rejects.toThrow('not be pushed');
    const [, hash = ''] = image.ref.split(':');
    expect(await client.manifest('davit/agent', hash)).toBeUndefined();
    expect(await pushed(image.ref, 'boss')).toBeUndefined();
    const there = `${registry.host}/davit/agent:${hash}`;
    expect(await push(image.ref, 'boss')).toBe(there);
    expect(await pushed(image.ref, 'boss')).toBe(there);
    // Who may not look is told of none, and then also not let push.
    expect(await pushed(image.ref, 'nobody')).toBeUndefined();
    expect((await runEngine(engine.cli, ['image', 'inspect', there])).code).not.toBe(0);
    expect(await client.manifest('davit/agent', hash)).toMatchObject({ digest: expect.stringMatching(/^sha256:/) });
    expect(await loginFiles()).toEqual([]);
  });

  it('lets people push to their own area, and shows it to no other person', async () => {
    const own = await tagged(`saved/${loginOf('ada').id}/env`);
    await expect(push(own, 'eve')).rejects.toThrow('not be pushed');
    await push(own, 'ada');
    const repository = `saved/${loginOf('ada').id}/env`;
    expect((await client.image(repository, '1'))?.sizeBytes).toBeGreaterThan(1000);
    const read = async (name: string) => {
      const { user, password } = loginOf(name);
      const as = clientOf({ kind: 'password', user, password: () => Promise.resolve(password) });
      return (await as.manifest(repository, '1'))?.digest;
    };
    expect(await read('ada')).toMatch(/^sha256:/);
    for (const name of ['eve', 'boss']) await expect(read(name)).rejects.toThrow('does not let Davit in');
    await expect(read('nobody')).rejects.toThrow('does not take the user and password');
    await expect(clientOf({ kind: 'none' }).manifest(repository, '1')).rejects.toThrow('does not let Davit in');
  });

  it('is signed in to by the engine’s own command', async () => {
    const { user, password } = loginOf('ada');
    const env = { REGISTRY_AUTH_FILE: join(dataDir, 'auth.json'), DOCKER_CONFIG: dataDir };
    const insecure = engine.cli.kind === 'podman' ? ['--tls-verify=false'] : [];
    const login = (secret: string) =>
      runEngine(engine.cli, ['login', ...insecure, '--username', user, '--password', secret, registry.host], { env });
    expect((await login('davit_wrong')).code).not.toBe(0);
    expect((await login(password)).code).toBe(0);
    const pull = (repository: string) => {
      const ref = `${registry.host}/${repository}`;
      names.add(ref);
      return runEngine(engine.cli, ['pull', ...insecure, ref], { env });
    };
    expect((await pull(`saved/${loginOf('ada').id}/env:1`)).code).toBe(0);
    expect((await pull(`davit/agent:${image.ref.split(':').at(-1) ?? ''}`)).code).toBe(0);
    expect((await pull(`saved/${loginOf('eve').id}/env:1`)).code).not.toBe(0);
  });

  it('tells the hub alone what lies in it, and removes what the hub says', async () => {
    const repository = `saved/${loginOf('ada').id}/env`;
    expect(await client.repositories({ after: undefined, limit: 1 })).toEqual(['davit/agent']);
    expect(await client.repositories({ after: 'davit/agent', limit: 10 })).toEqual([repository]);
    expect(await client.tags(repository)).toEqual(['1']);
    const { user, password } = loginOf('boss');
    const boss = clientOf({ kind: 'password', user, password: () => Promise.resolve(password) });
    await expect(boss.repositories({ after: undefined, limit: 1 })).rejects.toThrow('does not let Davit in');
    const { digest = '' } = (await client.manifest(repository, '1')) ?? {};
    await expect(boss.deleteManifest(repository, digest)).rejects.toThrow('does not let Davit in');
    const maker = new RegistryMaker(client, registry.host);
    await maker.remove(`elsewhere.test/${repository}:1`);
    await maker.remove(`${registry.host}/${repository}:1`, `sha256:${'0'.repeat(64)}`);
    expect((await client.manifest(repository, '1'))?.digest).toBe(digest);
    await maker.remove(`${registry.host}/${repository}:1`, digest);
    expect(await client.manifest(repository, '1')).toBeUndefined();
    expect(await client.manifest(repository, digest)).toBeUndefined();
    await client.deleteManifest(repository, digest);
    expect(await client.tags('saved/nobody/nothing')).toEqual([]);
  });

  if (!nodes) return;

  it('lets nodes fetch images by the hub’s secret, and not without it', async () => {
    const cluster = await clusterUp();
    const config = loadKubeConfig({ KUBECONFIG: cluster.kubeconfig });
    const api = new KubeApi(config);
    const namespace = `davit-registry-${randomId()}`;
    await createNamespace(api, namespace);
    await push(image.ref, 'boss');
    const [, hash = ''] = image.ref.split(':');
    const { digest = '' } = (await client.manifest('davit/agent', hash)) ?? {};
    const ref = `${registry.host}/davit/agent:${hash}`;
    let password: string | undefined;
    const spawners: KubernetesSpawner[] = [];
    const spawner = (credential?: () => { user: string; password: string }) => {
      const settings = {
        instanceId: randomId(),
        cluster: { ...TEST_CLUSTER, namespace },
        diskLimitMb: 1024,
        log: createLog('silent'),
        ...(credential === undefined ? {} : { registry: { host: registry.host, credential } }),
      };
      spawners.push(new KubernetesSpawner(config, settings));
      return { spawner: spawners.at(-1)!, settings };
    };
    try {
      const { spawner: stranger } = spawner();
      const spec = testSpec({ ref, digest });
      await stranger.ensure(spec, signal());
      const waits = await eventually(
        async () => (await stranger.list(signal())).find((one) => one.reason?.message.includes('does not let')),
        MINUTE,
      );
      expect(waits).toMatchObject({ state: 'created', reason: { code: 'pulling-image' } });

      const good = nodeCredential(KEY, hub.clock.now());
      const { spawner: known, settings } = spawner(() => ({ user: good.user, password: password ?? 'outdated' }));
      password = good.password;
      const server = await known.ensure(testSpec({ ref, digest }), signal());
      const running = await eventually(
        async () => (await known.list(signal())).find((one) => one.state === 'running'),
        2 * MINUTE,
      );
      expect(running.ref).toEqual(server);
      const path = `/api/v1/namespaces/${namespace}/secrets/${pullSecretName(settings.instanceId)}`;
      const text = async () => {
        const { data } = await api.call<Secret>('GET', path, { signal: signal() });
        return Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString();
      };
      expect(await text()).toContain(Buffer.from(`${good.user}:${good.password}`).toString('base64'));
      // The credential of the next week takes its place with the next server.
      password = 'of next week';
      await known.ensure(testSpec({ ref, digest }), signal());
      expect(await text()).toContain(Buffer.from(`${good.user}:of next week`).toString('base64'));
    } finally {
      await Promise.all(spawners.map((one) => one.dispose()));
      await removeNamespace(api, namespace);
      await api.dispose();
    }
  });
});
