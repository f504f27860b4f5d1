import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AGENT_PORT, type ServerRef } from '../../src/domains/servers/spawner.ts';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import type { ContainerHarness } from '../../src/drivers/spawner/containerConformance.ts';
import {
  connectEngine,
  createDockerSpawner,
  type DockerSettings,
  type DockerSpawner,
  type Engine,
} from '../../src/drivers/spawner/docker/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createLog } from '../../src/platform/log.ts';
import { randomId } from '../../src/platform/random.ts';
import { TMPFS_DIRS } from '../hubServers.ts';
import { ensureTestImage } from './testImage.ts';

/** The docker driver on the machine's real engine, with two hubs' instances and a data directory of its own. */
export interface DockerHarness extends ContainerHarness {
  spawner: DockerSpawner;
  engine: Engine;
  settings: DockerSettings;
  dataDir: string;
  /** Removes a container without a grace, and without the driver. */
  kill(ref: ServerRef): Promise<void>;
}

export async function dockerHarness(): Promise<DockerHarness> {
  const dataDir = await mkdtemp(join(tmpdir(), 'davit-test-'));
  const instanceIds = [randomId(), randomId()] as const;
  // What they have in the engine is removed when the tests are killed.
  await writeFile(join(dataDir, 'instance'), instanceIds.join('\n'));
  const engine = await connectEngine({ dataDir, instanceId: instanceIds[0], dockerHost: process.env['DOCKER_HOST'] });
  const image = await ensureTestImage(engine);
  const apiPort = await freePort();
  let deadly: string | undefined;
  const settings: DockerSettings = {
    instanceId: instanceIds[0],
    sources: { default: join(dataDir, 'storage', 'default'), extra: join(dataDir, 'storage', 'extra') },
    tmpfsDirs: TMPFS_DIRS,
    savesDir: join(dataDir, 'run', 'saves'),
    apiPort,
    pidsLimit: 100,
    log: createLog('silent'),
    clock: systemClock,
    onStep: (step) => {
      if (step !== deadly) return;
      deadly = undefined;
      throw new Error(`The hub died after ${step}.`);
    },
  };
  const spawner = await createDockerSpawner(engine, settings);
  const other = await createDockerSpawner(engine, { ...settings, instanceId: instanceIds[1] });

  /** Has the first process do something; it listens a moment after its container runs. */
  async function ask(ref: ServerRef, path: string): Promise<void> {
    const endpoint = await spawner.endpoint(ref, AGENT_PORT, AbortSignal.timeout(10_000));
    if (endpoint === undefined) throw new Error('The container has no endpoint.');
    const { output: secret } = await inside(engine, ref, `print(fs.readFileSync('/run/davit/secret', 'utf8'))`);
    const call = (asked: string) =>
      fetch(`http://${endpoint.host}:${endpoint.port}${asked}`, { headers: { 'x-davit-secret': secret } })
        .then((response) => response.text())
        .catch(() => undefined);
    await eventually(() => call('/'));
    await call(path);
  }

  return {
    spawner,
    other,
    engine,
    settings,
    dataDir,
    image,
    apiPort,
    steps: ['prepare', 'create', 'start', 'isolate', 'go'],
    dieAfter: (step) => (deadly = step),
    exit: (ref, code) => ask(ref, `/exit?code=${code}`),
    exhaustMemory: (ref) => ask(ref, '/allocate'),
    write: async (ref, bytes) => {
      // What lies in a mount is no part of the layer.
      const script = `for (const path of ['/tmp/layer', '/data/private/default/mount']) fs.writeFileSync(path, Buffer.alloc(${bytes}, 1));`;
      const { code, output } = await inside(engine, ref, script);
      if (code !== 0) throw new Error(output);
    },
    tokenOf: async (ref) => (await inside(engine, ref, `print(fs.readFileSync('/run/davit/token', 'utf8'))`)).output,
    ready: (ref) => ask(ref, '/'),
    clear: () => removeContainers(engine, instanceIds[0]),
    kill: ({ engineId }) => removeContainer(engine, engineId),
    print: (ref, line) => ask(ref, `/print?line=${encodeURIComponent(line)}`),
    inside: (ref, script) => inside(engine, ref, script),
    inspect: async (ref) => JSON.stringify(await engine.client.getContainer(ref.engineId).inspect()),
    gateway: () => spawner.gateway(AbortSignal.timeout(10_000)),
    hidden: [engine.socket, '/var/run/docker.sock', '/run/podman/podman.sock', dataDir],
    goneImage: 'localhost/davit/gone:1',
    secretFile: { mode: 0o400, uid: 1000 },
    tokenFile: { mode: 0o400, uid: 1000 },
    dispose: async () => {
      await Promise.all([spawner.dispose(), other.dispose()]);
      await cleanUp(engine, instanceIds);
      await engine.dispose();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const run = promisify(execFile);

/** Runs JavaScript in a container as its user; `print` writes what it is given as the output. */
async function inside({ cli }: Engine, ref: ServerRef, script: string): Promise<{ code: number; output: string }> {
  const text = `const print = (value) => process.stdout.write(typeof value === 'string' ? value : JSON.stringify(value));
    (async () => { ${script} })().catch((error) => { console.error(error); process.exit(1); });`;
  const args = [...cli.args, 'exec', ref.engineId, '/opt/davit/bin/node', '-e', text];
  try {
    const { stdout } = await run(cli.program, args, { env: { ...process.env, ...cli.env }, timeout: 30_000 });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: `${stdout}${stderr}` };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Everything that carries one of these instance ids, also what a failed test left behind. */
async function cleanUp(engine: Engine, instanceIds: readonly string[]): Promise<void> {
  for (const instanceId of instanceIds) {
    await removeContainers(engine, instanceId);
    await engine.client
      .getNetwork(`davit-${instanceId}`)
      .remove()
      .catch(() => undefined);
    for (const tmpfs of TMPFS_DIRS) await rm(join(tmpfs, `davit-${instanceId}`), { recursive: true, force: true });
  }
}

async function removeContainers({ client }: Pick<Engine, 'client'>, instanceId: string): Promise<void> {
  const filters = { label: [`davit.instance=${instanceId}`] };
  const containers = await client.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => removeContainer({ client }, Id)));
}

async function removeContainer({ client }: Pick<Engine, 'client'>, id: string): Promise<void> {
  const container = client.getContainer(id);
  // Forced removal alone would wait for Podman's grace.
  await container.kill().catch(() => undefined);
  await container.remove({ force: true, v: true });
}
