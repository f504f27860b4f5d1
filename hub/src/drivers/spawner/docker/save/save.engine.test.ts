import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dockerHarness, type DockerHarness } from '../../../../../test/engine/dockerHarness.ts';
import { scanImage } from '../../../../../test/engine/scanImage.ts';
import { ALWAYS_SCRUBBED } from '../../../../domains/images/scrub.ts';
import type { ImageLocation, SaveTarget } from '../../../../domains/images/index.ts';
import type { ServerRef, ServerSpec } from '../../../../domains/servers/spawner.ts';
import { eventually, testSpec } from '../../conformance.ts';
import { describeSaveConformance, quietly, testTarget } from '../../saveConformance.ts';
import { createDockerSpawner } from '../index.ts';

// A busy machine, or an image being built meanwhile, may hold each call of the engine up for seconds.
jest.setTimeout(240_000);

const signal = () => AbortSignal.timeout(120_000);

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

describeSaveConformance('the docker driver', async () => {
  const harness = await dockerHarness();
  const { client } = harness.engine;
  const hasImage = (ref: string): Promise<boolean> =>
    client
      .getImage(ref)
      .inspect()
      .then(
        () => true,
        () => false,
      );
  return {
    ...harness,
    hasImage,
    leaveHalf: async ({ job }) => {
      const repo = `localhost/davit-saving-${harness.settings.instanceId}-${job}`;
      const directory = join(harness.settings.savesDir, job);
      await mkdir(directory, { recursive: true });
      await client.getImage(harness.image.digest).tag({ repo, tag: 'latest' });
      return async () => (await hasImage(`${repo}:latest`)) || (await exists(directory));
    },
  };
});

/** A layer in Podman's store. */
interface Layer {
  id: string;
  parent?: string;
  'diff-digest'?: string;
}

describe('an image that was saved', () => {
  let harness: DockerHarness;
  const targets: SaveTarget[] = [];
  beforeAll(async () => {
    harness = await dockerHarness();
  });
  afterEach(async () => {
    await harness.clear();
    // The newest first: an engine keeps layers that others lie on.
    for (const target of targets.splice(0).reverse()) await harness.spawner.discardSave(target, signal());
  });
  afterAll(() => harness.dispose());

  const target = (changes?: Partial<SaveTarget>): SaveTarget => {
    const made = testTarget({ scrub: ALWAYS_SCRUBBED, ...changes });
    targets.push(made);
    return made;
  };
  const start = (changes: Partial<ServerSpec> = {}): Promise<ServerRef> =>
    harness.spawner.ensure(testSpec(harness.image, changes), signal());
  const save = (ref: ServerRef, changes?: Partial<SaveTarget>): Promise<ImageLocation> =>
    harness.spawner.saveImage(ref, target(changes), quietly());
  const inside = async (ref: ServerRef, script: string): Promise<unknown> => {
    const { code, output } = await harness.inside(ref, script);
    if (code !== 0) throw new Error(output);
    return JSON.parse(output);
  };
  /** The next server, from what was saved of one that ends meanwhile. */
  const restart = async (ref: ServerRef, image: ImageLocation): Promise<ServerRef> => {
    const [next] = await Promise.all([start({ image }), harness.kill(ref)]);
    return next;
  };
  /** Digests of the layers of an image in the engine, lowest first. */
  const layersOf = async (idOrRef: string): Promise<string[]> =>
    (await harness.engine.client.getImage(idOrRef).inspect()).RootFS.Layers ?? [];

  it('has what was added, changed and removed, with owners, modes, links and odd names', async () => {
    const ref = await start();
    await inside(
      ref,
      `process.chdir('/home/davit'); fs.mkdirSync('d/e', { recursive: true }); fs.writeFileSync('d/e/f', 'x', { mode: 0o640 });
       fs.linkSync('d/e/f', 'hard'); fs.symlinkSync('d/e', 'soft'); fs.writeFileSync('ünï\\ncode', ''); fs.mkdirSync('old'); fs.writeFileSync('old/gone', '');
       fs.writeFileSync('removed', ''); print(true)`,
    );
    const first = await restart(ref, await save(ref));
    await inside(
      first,
      `process.chdir('/home/davit'); fs.rmSync('removed'); fs.rmSync('old', { recursive: true }); fs.mkdirSync('old'); fs.writeFileSync('old/new', ''); print(true)`,
    );
    const second = await restart(first, await save(first));
    const seen = await inside(
      second,
      `process.chdir('/home/davit'); const stat = fs.lstatSync('d/e/f');
       print({ all: fs.readdirSync('.').sort(), old: fs.readdirSync('old'), mode: stat.mode & 0o777, owner: stat.uid, links: stat.nlink, soft: fs.readlinkSync('soft') })`,
    );
    expect(seen).toEqual({
      all: ['d', 'hard', 'old', 'soft', 'ünï\ncode'],
      old: ['new'],
      mode: 0o640,
      owner: 1000,
      links: 2,
      soft: 'd/e',
    });
  });

  it('holds no secret in any layer nor in its configuration, and only the environment of its base', async () => {
    const marks = [
      'ssh',
      'netrc',
      'docker',
      'git',
      'bash',
      'python',
      'zsh',
      'tmp',
      'cache',
      'aws',
      'pypi',
      'data',
      'extra',
    ];
    const paths = [
      '/home/davit/.ssh/id_ed25519',
      '/home/davit/.netrc',
      '/home/davit/.docker/config.json',
      '/home/davit/.git-credentials',
      '/home/davit/.bash_history',
      '/home/davit/.python_history',
      '/home/davit/.zsh_history',
      '/tmp/left',
      '/home/davit/.cache/pip/x',
      '/home/davit/.aws/credentials',
      '/home/davit/.pypirc',
      '/data/private/default/work',
      '/home/davit/project/extra',
    ];
    const secrets = marks.map((mark) => `planted-${mark}-9f2c`);
    const index = 'https://planted-mirror-9f2c.test/simple';
    const spec = testSpec(harness.image, {
      serverName: 'planted-environment-9f2c',
      token: 'davit_planted-token-9f2c',
      launch: { sudo: false, environment: { PIP_INDEX_URL: index }, command: undefined },
    });
    const ref = await harness.spawner.ensure(spec, signal());
    await inside(
      ref,
      `const path = require('node:path'); const files = ${JSON.stringify(paths.map((file, index) => [file, secrets[index]]))};
       for (const [file, text] of files) { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, text); }
       fs.writeFileSync('/home/davit/kept', 'kept-9f2c'); print([process.env.DAVIT_SERVER_NAME])`,
    );
    const saved = await save(ref, { scrub: [...ALWAYS_SCRUBBED, '/home/davit/project'] });
    const unwanted = [
      ...secrets,
      index,
      spec.serverName,
      spec.token ?? '',
      spec.secret,
      spec.serverId,
      'DAVIT_',
      'MEM_LIMIT',
    ];
    const found = await scanImage(harness.engine, saved.ref, [...unwanted, 'kept-9f2c']);
    // The base holds the agent, which knows the names of its variables.
    const base = await scanImage(harness.engine, harness.image.ref, unwanted);
    expect(found.filter((text) => !base.includes(text))).toEqual(['kept-9f2c']);
    expect(base).not.toEqual(expect.arrayContaining(['planted-ssh-9f2c']));
    const [config, baseConfig] = await Promise.all(
      [saved.ref, harness.image.ref].map(
        async (image) => (await harness.engine.client.getImage(image).inspect()).Config,
      ),
    );
    expect(config?.Env).toEqual(baseConfig?.Env);
    expect(config?.Entrypoint).toEqual(baseConfig?.Entrypoint);
  });

  it('is made while processes in the container go on, without a pause', async () => {
    const ref = await start();
    const since = Math.floor(Date.now() / 1000);
    await inside(
      ref,
      `fs.writeFileSync('/home/davit/big', Buffer.alloc(60_000_000, 7));
       const child = require('node:child_process').spawn(process.execPath, ['-e', "let n = 0; setInterval(() => require('fs').writeFileSync('/data/private/default/beat', process.pid + ' ' + (n += 1)), 50)"], { detached: true, stdio: 'ignore' });
       child.unref(); print(child.pid)`,
    );
    // The file is empty for a moment each time it is written.
    const read = `print(fs.readFileSync('/data/private/default/beat', 'utf8').split(' ').map(Number))`;
    const beat = (): Promise<number[]> =>
      eventually(async () => {
        const told = (await inside(ref, read).catch(() => [])) as number[];
        return told.length === 2 ? told : undefined;
      });
    const [pid, before] = await beat();
    await save(ref);
    const [same, after] = await beat();
    expect(same).toBe(pid);
    expect(after).toBeGreaterThan(before ?? Infinity);
    const stream = await harness.engine.client.getEvents({
      since,
      until: Math.floor(Date.now() / 1000) + 1,
      filters: { container: [ref.engineId], event: ['pause'] },
    });
    let events = '';
    for await (const chunk of stream) events += String(chunk);
    expect(events).toBe('');
  });

  it.each(['saving', 'storing'] as const)('and is cancelled while %s leaves no image and no layer', async (when) => {
    const ref = await start();
    await inside(
      ref,
      `fs.writeFileSync('/home/davit/big', require('node:crypto').randomBytes(50_000_000)); print(true)`,
    );
    const before = await leftBehind();
    const abort = new AbortController();
    const wanted = target();
    const options = quietly({
      signal: abort.signal,
      onProgress: ({ step, bytesDone = 1 }) => {
        if (step === when && bytesDone > 0) abort.abort(new Error('cancelled'));
      },
    });
    await expect(harness.spawner.saveImage(ref, wanted, options)).rejects.toThrow();
    expect(await leftBehind()).toEqual(before);
    expect(await exists(join(harness.settings.savesDir, wanted.job))).toBe(false);
    await expect(harness.engine.client.getImage(wanted.ref).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect((await harness.spawner.list(signal()))[0]).toMatchObject({ ref, state: 'running' });
  });

  /** Images on the way, and layers on top of the test image that belong to images; those of containers have no digest. */
  async function leftBehind(): Promise<unknown> {
    const reference = [`localhost/davit-saving-${harness.settings.instanceId}-*`];
    const images = await harness.engine.client.listImages({ all: true, filters: JSON.stringify({ reference }) });
    const ids = images.map((image) => image.Id);
    if (harness.engine.kind !== 'podman') return { ids };
    const { DockerRootDir: root } = (await harness.engine.client.info()) as { DockerRootDir: string };
    const all = JSON.parse(await readFile(join(root, 'overlay-layers', 'layers.json'), 'utf8')) as Layer[];
    const [top] = (await layersOf(harness.image.ref)).slice(-1);
    const base = all.find((layer) => layer['diff-digest'] === top)?.id;
    const above = all.filter((layer) => layer.parent === base && layer['diff-digest'] !== undefined);
    return { ids, layers: above.map((layer) => layer.id) };
  }

  it('takes room by the size of the change only: it lies on the layers of its base', async () => {
    const ref = await start();
    await inside(ref, `fs.writeFileSync('/home/davit/small', 'x'.repeat(7000)); print(true)`);
    const saved = await save(ref);
    const base = await layersOf(harness.image.ref);
    const layers = await layersOf(saved.ref);
    expect(layers.slice(0, -1)).toEqual(base);
    const { sizeBytes } = saved;
    const { Size: baseBytes } = await harness.engine.client.getImage(harness.image.ref).inspect();
    expect(sizeBytes - baseBytes).toBeLessThan(50_000);
  });

  it('is not begun without room for it, and says how much is missing', async () => {
    const ref = await start();
    const diskOf = () => Promise.resolve({ free: 6_000_000_000, total: 100_000_000_000 });
    const tight = await createDockerSpawner(harness.engine, { ...harness.settings, diskOf });
    expect((await tight.measureChanges(ref, ALWAYS_SCRUBBED, signal())).freeBytes).toBe(1_000_000_000);
    await inside(ref, `fs.ftruncateSync(fs.openSync('/home/davit/sparse', 'w'), 500_000_000); print(true)`);
    const wanted = target();
    await expect(tight.saveImage(ref, wanted, quietly())).rejects.toThrow(
      'There is not enough room to save this server: it needs 1.4 GiB for a while, and 953.7 MiB can be used.',
    );
    expect(await exists(join(harness.settings.savesDir, wanted.job))).toBe(false);
    await tight.dispose();
  });

  it('of an image that was saved twenty times still starts, with few layers and nothing that was left out later', async () => {
    let ref = await start();
    await inside(
      ref,
      `fs.mkdirSync('/home/davit/private'); fs.writeFileSync('/home/davit/private/key', 'early-secret-9f2c'); print(true)`,
    );
    let saved: ImageLocation | undefined;
    const counts: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      await inside(
        ref,
        `process.chdir('/home/davit'); fs.writeFileSync('f${round}', 'round ${round}'); fs.rmSync('f${round - 2}', { force: true });
         fs.rmSync('d', { recursive: true, force: true }); fs.mkdirSync('d'); fs.writeFileSync('d/${round}', ''); print(true)`,
      );
      saved = await save(ref, round === 19 ? { scrub: [...ALWAYS_SCRUBBED, '/home/davit/private'] } : {});
      counts.push((await layersOf(saved.ref)).length);
      ref = await restart(ref, saved);
    }
    const base = (await layersOf(harness.image.ref)).length;
    expect(Math.max(...counts)).toBe(base + 10);
    expect(counts.at(-1)).toBe(base + 1);
    const seen = await inside(
      ref,
      `print({ all: fs.readdirSync('/home/davit').sort(), d: fs.readdirSync('/home/davit/d') })`,
    );
    expect(seen).toEqual({ all: ['d', 'f18', 'f19'], d: ['19'] });
    expect(await scanImage(harness.engine, saved?.ref ?? '', ['early-secret-9f2c', 'round 19'])).toEqual(['round 19']);
  }, 900_000);
});
