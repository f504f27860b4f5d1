import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dockerHarness, type DockerHarness } from '../../../../test/engine/dockerHarness.ts';
import { AGENT_PORT, SpawnRefused, type ServerRef } from '../../../domains/servers/spawner.ts';
import { eventually, testSpec } from '../conformance.ts';
import { containerName, containerSpec } from './containerSpec.ts';
import { plainError } from './errors.ts';
import { giveAwayByContainer } from './helper.ts';
import { connectEngine, createDockerSpawner } from './index.ts';
import { libpodCreate, libpodSpec } from './libpod.ts';
import { ping } from './ping.ts';

const CALL_MS = 60_000;
jest.setTimeout(120_000);
const signal = () => AbortSignal.timeout(CALL_MS);

/** Whether the tests run on Podman, served by a process of the hub's own: what connectEngine() takes without Docker. */
const ownPodman = process.env['DOCKER_HOST'] === undefined && (await ping('/var/run/docker.sock')) === undefined;
const onOwnPodman = ownPodman ? it : it.skip;

let harness: DockerHarness;
beforeAll(async () => {
  harness = await dockerHarness();
}, CALL_MS);
afterEach(() => harness.clear(), CALL_MS);
afterAll(() => harness.dispose(), CALL_MS);

const start = (changes = {}) => harness.spawner.ensure(testSpec(harness.image, changes), signal());
const stateNow = async (ref: ServerRef) =>
  (await harness.spawner.list(signal())).find((server) => server.ref.engineId === ref.engineId)?.state;

describe('a Podman service of our own', () => {
  const pidFile = () => `${harness.engine.socket}.pid`;
  const pid = async () => Number(await readFile(pidFile(), 'utf8'));

  onOwnPodman('is brought back when it has died, its containers untouched', async () => {
    const ref = await start();
    const before = await pid();
    process.kill(before, 'SIGKILL');
    await eventually(() =>
      stat(`/proc/${before}`).then(
        () => undefined,
        () => true,
      ),
    );
    await expect(harness.spawner.list(signal())).rejects.toThrow('The container engine does not answer.');
    expect(await stateNow(ref)).toBe('running');
    expect(await pid()).not.toBe(before);
  });

  onOwnPodman('is adopted by the next hub, and has a session of its own', async () => {
    const again = await connectEngine({ dataDir: harness.dataDir, instanceId: harness.settings.instanceId });
    expect(again.socket).toBe(harness.engine.socket);
    const service = await pid();
    const session = (await readFile(`/proc/${service}/stat`, 'utf8')).split(') ')[1]?.split(' ')[3];
    expect(session).toBe(String(service));
    expect((await stat(dirname(again.socket))).mode & 0o777).toBe(0o700);
  });
});

describe('the next hub process', () => {
  it('adopts containers with their secrets and endpoints', async () => {
    const spec = testSpec(harness.image);
    const ref = await harness.spawner.ensure(spec, signal());
    const next = await createDockerSpawner(harness.engine, harness.settings);
    expect(await next.list(signal())).toEqual([expect.objectContaining({ ref, state: 'running' })]);
    expect(await next.endpoint(ref, AGENT_PORT, signal())).toEqual(
      await harness.spawner.endpoint(ref, AGENT_PORT, signal()),
    );
    expect(await next.ensure(spec, signal())).toEqual(ref);
    await next.dispose();
  });
});

describe('what people do by hand', () => {
  it('a container started again is half-made until it is isolated again', async () => {
    const spec = testSpec(harness.image);
    const ref = await harness.spawner.ensure(spec, signal());
    expect(await stateNow(ref)).toBe('running');
    const container = harness.engine.client.getContainer(ref.engineId);
    await container.kill();
    await eventually(async () => ((await stateNow(ref)) === 'exited' ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await container.start();
    expect(await stateNow(ref)).toBe('created');
    await harness.spawner.ensure(spec, signal());
    expect(await stateNow(ref)).toBe('running');
  });

  it('a container of our name that is not ours is left alone and told', async () => {
    const spec = testSpec(harness.image);
    const name = containerName(harness.settings.instanceId, spec.serverId);
    const foreign = await harness.engine.client.createContainer({ name, Image: harness.image.digest });
    try {
      const refusal = harness.spawner.ensure(spec, signal());
      await expect(refusal).rejects.toThrow(SpawnRefused);
      await expect(refusal).rejects.toThrow('that this hub did not make');
      const ref = { serverId: spec.serverId, engineId: foreign.id };
      await expect(harness.spawner.remove(ref, signal())).rejects.toThrow('left alone');
    } finally {
      await foreign.remove({ force: true });
    }
  });

  it('a network that was removed is made again', async () => {
    await harness.spawner.gateway(signal());
    await harness.engine.client.getNetwork(`davit-${harness.settings.instanceId}`).remove();
    expect(await stateNow(await start())).toBe('running');
  });
});

describe('the helper for hubs that are not root', () => {
  it('gives directories and files to the container’s user', async () => {
    const directory = join(harness.dataDir, 'give');
    await mkdir(directory, { mode: 0o700 });
    await writeFile(join(directory, 'secret'), 'x', { mode: 0o600 });
    if (process.getuid?.() === 0) await chown(directory, 4321, 4321);
    const { client } = harness.engine;
    await giveAwayByContainer(client, harness.image.digest, [join(directory, 'secret'), directory], signal());
    const [file, folder] = await Promise.all([stat(join(directory, 'secret')), stat(directory)]);
    expect([file.uid, file.gid, file.mode & 0o777]).toEqual([1000, 1000, 0o400]);
    expect([folder.uid, folder.gid, folder.mode & 0o777]).toEqual([1000, 1000, 0o700]);
    const helpers = await client.listContainers({ all: true, filters: { label: ['davit.helper=give-away'] } });
    expect(helpers).toEqual([]);
  });
});

describe('GPUs on Podman', () => {
  const name = 'example.org/davit-test-card=0';
  const file = '/var/run/cdi/davit-test-card.json';

  async function createWith(cdiName: string): Promise<ServerRef> {
    const spec = testSpec(harness.image);
    const { instanceId, sources } = harness.settings;
    const secretsDir = join(harness.dataDir, 'secrets', spec.serverId);
    for (const path of [
      secretsDir,
      ...['public', 'share', `private/${spec.ownerId}`].map((kind) => join(sources['default'] ?? '', kind)),
    ]) {
      await mkdir(path, { recursive: true });
    }
    await harness.spawner.gateway(signal());
    const made = containerSpec(spec, { instanceId, sources, secretsDir, network: `davit-${instanceId}` });
    await libpodCreate(harness.engine.socket, libpodSpec(made, [cdiName]), signal());
    const info = await harness.engine.client.getContainer(made.name ?? '').inspect();
    return { serverId: spec.serverId, engineId: info.Id };
  }

  onOwnPodman('arrive in a container that is otherwise like any other', async () => {
    await mkdir(dirname(file), { recursive: true });
    const device = { path: '/dev/davit-test-card', hostPath: '/dev/null' };
    const devices = [{ name: '0', containerEdits: { deviceNodes: [device] } }];
    await writeFile(file, JSON.stringify({ cdiVersion: '0.5.0', kind: 'example.org/davit-test-card', devices }));
    try {
      const ref = await createWith(name);
      const container = harness.engine.client.getContainer(ref.engineId);
      await container.start();
      const { HostConfig, Config } = await container.inspect();
      expect(HostConfig).toMatchObject({
        Memory: 268_435_456,
        MemorySwap: 268_435_456,
        PidsLimit: 4096,
        NanoCpus: 5e8,
      });
      expect(HostConfig.ShmSize).toBe(134_217_728);
      expect(Config).toMatchObject({ User: '1000:1000', Hostname: ref.serverId, StopTimeout: 10 });
      const { output } = await harness.inside(
        ref,
        `const status = fs.readFileSync('/proc/1/status', 'utf8');
         print([fs.statSync('/dev/davit-test-card').isCharacterDevice(), /CapBnd:\\s0+\\n/.test(status), /NoNewPrivs:\\s1/.test(status)])`,
      );
      expect(output).toBe('[true,true,true]');
      expect(await harness.spawner.endpoint(ref, AGENT_PORT, signal())).toMatchObject({ host: '127.0.0.1' });
    } finally {
      await rm(file, { force: true });
    }
  });

  onOwnPodman('that are unknown are refused with what to install', async () => {
    const failure = await createWith('example.org/davit-test-absent=0')
      .then(async (ref) => {
        await harness.engine.client.getContainer(ref.engineId).start();
      })
      .catch((error: unknown) => plainError(error));
    expect(failure).toBeInstanceOf(SpawnRefused);
    expect((failure as Error).message).toContain('nvidia-ctk cdi generate');
  });
});
