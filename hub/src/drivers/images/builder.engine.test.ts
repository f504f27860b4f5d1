import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BuildProgress } from '../../domains/images/index.ts';
import { ImageBuilder } from './builder.ts';
import { detectEngineCli, runCommand, runEngine, type EngineCli } from './engineCli.ts';
import { connectEngine } from '../spawner/docker/index.ts';
import { collectHostSettings, type HostSettings } from './hostSettings.ts';
import { inspectByApi } from './inspect.ts';

/** The first build on a machine also makes the Debian image. */
const BUILD_MS = 300_000;
/** Distinguishes this run's images from those of others on the same engine. */
const run = randomBytes(4).toString('hex');
const secret = `s3cret-${randomBytes(12).toString('hex')}`;
const agent = `console.log('agent of ${run}');\n`;

const SECRET_MOUNTS = '--mount=type=secret,id=pm --mount=type=tmpfs,target=/run/pm';
const UNPACK = 'if [ -f /run/secrets/pm ]; then . /run/secrets/pm; fi; set -eu';
const NAMES = ['parent', 'child', 'broken', 'slow'].map((name) => `test-${name}-${run}`);
const [PARENT = '', CHILD = '', BROKEN = '', SLOW = ''] = NAMES;

let engine: EngineCli;
let directory: string;
let builder: ImageBuilder;

async function putImage(name: string, parents: string[], dockerfile: string): Promise<void> {
  const folder = join(directory, 'images', name);
  await mkdir(folder, { recursive: true });
  const manifest = {
    name,
    version: '1.2',
    title: `Test $HOME "${name}"`,
    description: 'a, b',
    editors: ['jupyterlab'],
    parents,
  };
  await writeFile(join(folder, 'image.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'Dockerfile'), dockerfile);
  await writeFile(join(folder, 'note'), run, { mode: 0o600 });
}

async function settings(): Promise<HostSettings> {
  return {
    ...(await collectHostSettings()),
    pip: [`index-url = https://user:${secret}@pip.example/simple`],
    npm: [`//npm.example/:_authToken=${secret}`],
    proxies: { DAVIT_TEST_PROXY: secret },
  };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-images-test-'));
  engine = await detectEngineCli(join(directory, 'engine'));
  const images = join(directory, 'images');
  await cp(join(import.meta.dirname, '../../../../images/finish'), join(images, 'finish'), { recursive: true });
  await putImage(
    PARENT,
    [],
    `ARG OS_IMAGE
FROM \${OS_IMAGE}
COPY note /note
RUN ${SECRET_MOUNTS} ${UNPACK}; grep -q ${secret.slice(0, 2)} /run/pm/pip.conf; \\
    test -n "$DAVIT_TEST_PROXY"; printf %s "$DAVIT_TEST_PROXY" | sha256sum > /proof; \\
    mkdir -p /data/user; useradd -u 1000 davit
`,
  );
  await putImage(CHILD, [PARENT], `ARG ${envName(PARENT)}\nFROM \${${envName(PARENT)}}\nRUN cat /note > /copied\n`);
  await putImage(BROKEN, [PARENT], `ARG ${envName(PARENT)}\nFROM \${${envName(PARENT)}}\nRUN echo so far; false\n`);
  await putImage(
    SLOW,
    [PARENT],
    `ARG ${envName(PARENT)}\nFROM \${${envName(PARENT)}}\nRUN echo ${run} begun; sleep 6\n`,
  );
  await writeFile(join(directory, 'agent.ts'), agent);
  builder = await createBuilder();
}, BUILD_MS);

afterAll(async () => {
  const format = ['--format', '{{.Repository}}:{{.Tag}}'];
  const patterns = ['localhost/davit/*', 'localhost/davit/layers/*'].map((place) => `reference=${place}-${run}`);
  // By names, because a list of all images of a busy engine takes a minute.
  const lists = await Promise.all(
    patterns.map((pattern) => runEngine(engine, ['images', '--all', '--filter', pattern, ...format])),
  );
  const own = lists.flatMap(({ output: refs }) => refs.split('\n')).filter((ref) => ref.includes(`-${run}:`));
  if (own.length > 0) await runEngine(engine, ['rmi', '-f', ...own]);
  await rm(directory, { recursive: true, force: true });
}, 60_000);

function createBuilder(): Promise<ImageBuilder> {
  const [imagesDir, workDir] = [join(directory, 'images'), join(directory, 'work')];
  return ImageBuilder.create({ engine, imagesDir, workDir, agentEntry: join(directory, 'agent.ts'), settings });
}

function envName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

async function output(args: string[]): Promise<string> {
  const result = await runEngine(engine, args);
  if (result.code !== 0) throw new Error(result.tail.join('\n'));
  return result.output;
}

describe('ImageBuilder on the real engine', () => {
  it(
    'builds an image and its parent once for all who ask, and tells how it goes',
    async () => {
      expect(await builder.present(CHILD)).toBeUndefined();
      const progress: BuildProgress[] = [];
      const [one, two] = await Promise.all([
        builder.ensure(CHILD, { onProgress: (now) => progress.push(now) }),
        builder.ensure(CHILD),
      ]);
      expect(one).toEqual(two);
      expect(one).toEqual(await builder.present(CHILD));
      expect(one.ref).toMatch(new RegExp(`^localhost/davit/${CHILD}:[0-9a-f]{12}$`));
      expect(one.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(one.sizeBytes).toBeGreaterThan(10_000_000);
      const steps = progress.filter((now) => now.image === CHILD && now.steps > 0);
      expect(steps.length).toBeGreaterThan(3);
      expect(new Set(steps.map((now) => now.steps)).size).toBe(1);
      expect(steps.at(-1)?.step).toBe(steps.at(-1)?.steps);
      expect(progress.some((now) => now.image === PARENT)).toBe(true);
      expect(await output(['run', '--rm', '--entrypoint', 'cat', one.ref, '/copied'])).toBe(run);
    },
    BUILD_MS,
  );

  it('labels the image, and gives it the agent as its only process', async () => {
    const [image] = JSON.parse(await output(['image', 'inspect', builder.ref(CHILD)])) as [
      { Config: Record<string, unknown> },
    ];
    expect(image.Config).toMatchObject({
      User: '1000:1000',
      WorkingDir: '/data/user',
      ExposedPorts: { '7070/tcp': {} },
      Entrypoint: expect.arrayContaining(['/usr/bin/tini', '/opt/davit/bin/node', '/opt/davit/agent.cjs']),
      Labels: {
        'davit.contract': '1',
        'davit.editors': 'jupyterlab',
        'davit.port': '7070',
        'org.opencontainers.image.title': `Test $HOME "${CHILD}"`,
        'org.opencontainers.image.version': '1.2',
        'org.opencontainers.image.description': 'a, b',
      },
    });
    const bundled = await output(['run', '--rm', '--entrypoint', 'cat', builder.ref(CHILD), '/opt/davit/agent.cjs']);
    expect(bundled).toContain(`agent of ${run}`);
  });

  it(
    'leaves nothing of the settings in history, configuration, layers or on the disk of the builder',
    async () => {
      const ref = builder.ref(CHILD);
      const described = [
        await output(['history', '--no-trunc', ref]),
        await output(['image', 'inspect', ref]),
        await output(['run', '--rm', '--entrypoint', 'env', ref]),
      ].join('\n');
      expect(described).toContain('davit.contract');
      expect(described).not.toContain(secret);
      await output(['save', '-o', join(directory, 'image.tar'), ref]);
      const layers = join(directory, 'layers');
      await mkdir(layers);
      await runCommand('tar', ['-xf', join(directory, 'image.tar'), '-C', layers]);
      expect(await countInLayers(layers, run)).toBeGreaterThan(0);
      expect(await countInLayers(layers, secret)).toBe(0);
      const paths = (await layerPaths(layers)).filter((path) => /run\/(pm|secrets)\/./.test(path));
      expect(paths).toEqual([]);
      expect(await readdir(join(directory, 'work'))).toEqual([]);
    },
    BUILD_MS,
  );

  it('finds the image present after a restart, with the same reference, whoever is asked', async () => {
    const again = await createBuilder();
    const present = await builder.present(CHILD);
    expect(await again.present(CHILD)).toEqual(present);
    const connected = await connectEngine({ dataDir: directory, instanceId: run });
    try {
      const inspect = inspectByApi(connected.client);
      expect(await inspect(builder.ref(CHILD))).toEqual(present);
      expect(await inspect(builder.ref(BROKEN))).toBeUndefined();
    } finally {
      await connected.dispose();
    }
  });

  it('tells for a failed build the step and the last lines, and leaves no image', async () => {
    const failed = builder.ensure(BROKEN);
    await expect(failed).rejects.toThrow(new RegExp(`The build of ${BROKEN} failed at step \\d+ of \\d+`));
    await expect(failed).rejects.toThrow('so far');
    expect(await builder.present(BROKEN)).toBeUndefined();
    expect(await readdir(join(directory, 'work'))).toEqual([]);
  });

  it(
    'ends a build in the middle and builds the same image the next time',
    async () => {
      const stop = new AbortController();
      const stopped = builder.ensure(SLOW, {
        signal: stop.signal,
        onProgress: ({ line }) => {
          if (line === `${run} begun`) stop.abort(new Error('the hub stops'));
        },
      });
      await expect(stopped).rejects.toThrow('the hub stops');
      expect(await builder.present(SLOW)).toBeUndefined();
      expect(await readdir(join(directory, 'work'))).toEqual([]);
      expect(await commandLines()).not.toContain(`${run} begun`);
      expect((await builder.ensure(SLOW)).ref).toBe(builder.ref(SLOW));
    },
    BUILD_MS,
  );
});

/** The command lines of all processes of this machine. */
async function commandLines(): Promise<string> {
  return (await runCommand('ps', ['-eo', 'args'])).output;
}

/** How many files of all layers contain the text; layers are tar archives, packed or not. */
async function countInLayers(directory: string, text: string): Promise<number> {
  const script =
    'find "$1" -type f | while read -r f; do { gzip -dc "$f" 2>/dev/null || cat "$f"; } | grep -ac -- "$2"; done';
  const { output: counts } = await runCommand('sh', ['-c', script, 'count', directory, text]);
  return counts.split('\n').reduce((sum, count) => sum + Number(count), 0);
}

async function layerPaths(directory: string): Promise<string[]> {
  const { output: list } = await runCommand('sh', [
    '-c',
    'find "$1" -type f -exec tar -tf {} \\; 2>/dev/null',
    'list',
    directory,
  ]);
  expect(await readFile(join(directory, 'manifest.json'), 'utf8')).toContain('Layers');
  return list.split('\n');
}
