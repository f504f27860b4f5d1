import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageJobFailed, type MakeOptions, type MakeTarget } from '../../../domains/images/index.ts';
import { connectEngine, type Engine } from '../../spawner/docker/index.ts';
import { ImageBuilder } from '../builder.ts';
import { runCommand, runEngine } from '../engineCli.ts';
import { inspectByApi } from '../inspect.ts';
import { OS_IMAGE } from '../plan.ts';
import { EngineImageMaker } from './imageMaker.ts';

/** The base image may have to be built, and what else uses the machine is not known. */
const LONG_MS = 600_000;
const IMAGES = join(import.meta.dirname, '../../../../../images');
/** Distinguishes this run's images from those of others on the same engine. */
const run = randomBytes(4).toString('hex');

let directory: string;
let engine: Engine;
let maker: EngineImageMaker;
let base: string;
let lines: string[];
let steps: number[];
const made: string[] = [];

const cli = async (...args: string[]): Promise<string> => {
  const result = await runEngine(engine.cli, args);
  if (result.code !== 0) throw new Error(result.tail.join('\n'));
  return result.output.trim();
};
/** All references that carry a mark of this run, wherever; by names, because all images of a busy engine take a minute. */
const refs = async (): Promise<string[]> => {
  const patterns = [`*${run}*`, `*/*${run}*`, `*/*/*${run}*`, `*/*/*/*${run}*`];
  const found: string[] = [];
  for (const pattern of patterns) {
    const filters = JSON.stringify({ reference: [pattern] });
    const images = await engine.client.listImages({ all: true, filters });
    found.push(...images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((ref) => ref.includes(run)));
  }
  return [...new Set(found)];
};
const options = (signal = new AbortController().signal): MakeOptions => {
  lines = [];
  steps = [];
  return {
    signal,
    onLine: (line) => lines.push(line),
    onProgress: ({ step = 0 }) => steps.push(step),
  };
};
const target = (job: string, editors?: MakeTarget['editors']): MakeTarget => {
  const ref = `localhost/davit/made/${run}${job}:1`;
  made.push(ref);
  return { job: `${run}${job}`, ref, labels: { 'org.opencontainers.image.title': job }, editors };
};
/** Runs a program in an image as servers do, without a network. */
const inside = (ref: string, ...command: string[]): Promise<string> =>
  cli('run', '--rm', '--network=none', '--user=1000:1000', `--entrypoint=${command[0]}`, ref, ...command.slice(1));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-maker-test-'));
  engine = await connectEngine({ dataDir: directory, instanceId: run, dockerHost: process.env['DOCKER_HOST'] });
  const builder = await ImageBuilder.create({
    engine: engine.cli,
    imagesDir: IMAGES,
    workDir: join(directory, 'images'),
    inspect: inspectByApi(engine.client),
  });
  base = (await builder.ensure('base')).ref;
  const workDir = join(directory, 'make');
  maker = new EngineImageMaker({
    engine: engine.cli,
    api: engine.client,
    builder,
    imagesDir: IMAGES,
    workDir,
    instanceId: run,
  });
}, LONG_MS);

afterEach(async () => {
  for (const ref of made.splice(0)) await maker.remove(ref);
});

afterAll(async () => {
  for (const ref of await refs()) await maker.remove(ref);
  await engine.dispose();
  await rm(directory, { recursive: true, force: true });
}, LONG_MS);

describe('an uploaded archive', () => {
  it(
    'of any image with the GNU C library gets Node, the agent, the user and the directories',
    async () => {
      const foreign = `localhost/davit-test/foreign-${run}:1`;
      const dockerfile = join(directory, 'Dockerfile');
      await writeFile(
        dockerfile,
        `FROM ${OS_IMAGE}\nRUN printf '#!/bin/sh\\n' > /usr/bin/jupyter-lab; chmod 755 /usr/bin/jupyter-lab\nENV GREETING=hello\nUSER nobody\nCMD ["sh"]\n`,
      );
      await cli('build', '--tag', foreign, '--file', dockerfile, directory);
      const archive = join(directory, 'foreign.tar');
      await cli('save', '--output', archive, foreign);
      await cli('rmi', foreign);

      const { ref } = target('foreign');
      const result = await maker.importArchive(archive, target('foreign', ['jupyterlab']), options());
      expect(result.editors).toEqual(['jupyterlab']);
      expect(result.location).toMatchObject({ ref, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
      const { Config: config } = await engine.client.getImage(ref).inspect();
      expect(config.Labels).toMatchObject({
        'davit.contract': '1',
        'davit.editors': 'jupyterlab',
        'org.opencontainers.image.title': 'foreign',
      });
      expect(config).toMatchObject({ User: '1000:1000', WorkingDir: '/data/user' });
      expect(config.Entrypoint?.[0]).toBe('/opt/davit/bin/tini');
      expect(config.Env).toContain('GREETING=hello');
      const script = `const fs = require('node:fs'); fs.accessSync('/opt/davit/agent.cjs');
        fs.writeFileSync('/home/davit/mine', '');
        console.log(require('node:os').userInfo().username, fs.readlinkSync('/data/user'),
          JSON.parse(fs.readFileSync('/opt/davit/editors/jupyterlab.json')).name)`;
      expect(await inside(ref, '/opt/davit/bin/tini', '--', '/opt/davit/bin/node', '-e', script)).toBe(
        'davit /data/private/default jupyterlab',
      );
      // Nothing on the way stays, and the name that the archive brought was not given away.
      expect((await refs()).filter((one) => one !== ref)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'of an image that has the agent is taken as it is, without the names it brings',
    async () => {
      const archive = join(directory, 'own.tar');
      await cli('save', '--format', 'oci-archive', '--output', archive, base);
      const before = (await engine.client.getImage(base).inspect()).Id;
      const wanted = target('own');
      const { location, editors } = await maker.importArchive(archive, wanted, options());
      expect(editors).toEqual([]);
      expect(location.digest).not.toContain(before);
      expect((await engine.client.getImage(base).inspect()).Id).toBe(before);
      const { Config: config } = await engine.client.getImage(wanted.ref).inspect();
      expect(config.Entrypoint?.[0]).toBe('/usr/bin/tini');
      expect(await refs()).toEqual([wanted.ref]);
    },
    LONG_MS,
  );

  it(
    'that is none, is for another machine or cannot run the agent is refused in words, and leaves nothing',
    async () => {
      const text = join(directory, 'text.tar');
      await writeFile(text, 'no archive at all '.repeat(100));
      const refused = (path: string, editors?: MakeTarget['editors']): Promise<unknown> =>
        maker.importArchive(path, target('bad', editors), options()).catch((error: unknown) => error);
      const reason = await refused(text);
      expect(reason).toBeInstanceOf(ImageJobFailed);
      expect(String(reason)).toContain('is no tar archive');

      const empty = join(directory, 'empty');
      await mkdir(empty);
      await writeFile(join(empty, 'letter'), 'dear');
      await runCommand('tar', ['-cf', join(directory, 'files.tar'), '-C', empty, '.']);
      expect(String(await refused(join(directory, 'files.tar')))).toContain('holds no image');

      // An image with nothing but a file: no C library, no shell.
      const bare = `localhost/davit-test/bare-${run}:1`;
      await cli('import', join(directory, 'files.tar'), bare);
      const archive = join(directory, 'bare.tar');
      await cli('save', '--output', archive, bare);
      await cli('rmi', bare);
      await copyFile(archive, join(directory, 'other.tar'));
      expect(String(await refused(archive))).toContain('cannot run Davit’s agent');

      const other = await readFile(join(directory, 'other.tar'), 'latin1');
      await writeFile(
        join(directory, 'other.tar'),
        other.replaceAll('"architecture":"amd64"', '"architecture":"sparc"'),
        'latin1',
      );
      expect(String(await refused(join(directory, 'other.tar')))).toContain(
        'made for linux/sparc, and this machine is',
      );

      await maker.discard(target('bad'));
      expect(await refs()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'without the editor that it is said to carry is refused',
    async () => {
      const archive = join(directory, 'plain.tar');
      await cli('save', '--output', archive, OS_IMAGE);
      const before = (await engine.client.getImage(OS_IMAGE).inspect()).Id;
      const wanted = target('plain', ['code-server']);
      await expect(maker.importArchive(archive, wanted, options())).rejects.toThrow(
        'it does not carry code-server: there is no program code-server',
      );
      await maker.discard(wanted);
      expect((await engine.client.getImage(OS_IMAGE).inspect()).Id).toBe(before);
    },
    LONG_MS,
  );
});

describe('a Dockerfile', () => {
  it(
    'is built on an image of the hub with its log, and goes on after the last step that worked',
    async () => {
      const first = `FROM \${BASE}\nRUN date +%N > /tmp/when-${run}\nRUN echo about to fail; false\n`;
      await expect(maker.buildDockerfile(first, base, target('build'), options())).rejects.toThrow(
        /The build failed at step \d of \d\. It said: /,
      );
      expect(lines.join('\n')).toContain('about to fail');
      expect(steps.at(-1)).toBeGreaterThan(0);
      const second = first.replace('false', 'true');
      const wanted = target('build');
      const { editors } = await maker.buildDockerfile(second, base, wanted, options());
      expect(editors).toEqual([]);
      const when = await inside(wanted.ref, 'cat', `/tmp/when-${run}`);
      await maker.buildDockerfile(second, base, wanted, options());
      expect(await inside(wanted.ref, 'cat', `/tmp/when-${run}`)).toBe(when);
      expect(lines.join('\n')).toMatch(/using cache|CACHED/i);
    },
    LONG_MS,
  );

  it(
    'that takes the agent away gets it back, and reads nothing of this machine',
    async () => {
      const wanted = target('back');
      await maker.buildDockerfile(
        'FROM ${BASE}\nUSER root\nENTRYPOINT ["/bin/sh"]\nCOPY . /context\n',
        base,
        wanted,
        options(),
      );
      const { Config: config } = await engine.client.getImage(wanted.ref).inspect();
      expect(config.Entrypoint).toContain('/opt/davit/agent.cjs');
      expect(config.User).toBe('1000:1000');
      expect(await inside(wanted.ref, 'ls', '-A', '/context')).toBe('');
    },
    LONG_MS,
  );

  it(
    'is cancelled in the middle: no image stays, and removing one leaves those it shares layers with',
    async () => {
      const cancel = new AbortController();
      const wanted = target('cancel');
      const dockerfile = `FROM \${BASE}\nRUN echo ${run} begun; sleep 300\n`;
      const building = maker.buildDockerfile(dockerfile, base, wanted, {
        ...options(cancel.signal),
        onLine: (line) => {
          if (line === `${run} begun`) cancel.abort(new Error('enough'));
        },
      });
      await expect(building).rejects.toThrow('enough');
      await maker.discard(wanted);
      expect(await refs()).toEqual([]);

      const kept = target('kept');
      await maker.buildDockerfile(`FROM \${BASE}\nRUN echo ${run} > /tmp/one\n`, base, kept, options());
      const { location } = await maker.buildDockerfile(
        `FROM \${BASE}\nRUN echo 2${run} > /tmp/two\n`,
        base,
        wanted,
        options(),
      );
      await maker.remove(wanted.ref);
      await maker.remove(wanted.ref);
      expect(await refs()).toEqual([kept.ref]);
      await expect(engine.client.getImage(location.digest).inspect()).rejects.toMatchObject({ statusCode: 404 });
      expect(await inside(kept.ref, 'cat', '/tmp/one')).toBe(run);
    },
    LONG_MS,
  );

  it('of a job that is over leaves nothing on the way', async () => {
    const way = (job: string): string => `localhost/davit-making-${run}-${job}:way`;
    for (const job of ['over', 'active']) await cli('tag', base, way(job));
    await cli('tag', base, `localhost/davit-making-other${run}-over:way`);
    await maker.sweep(new Set(['active']));
    expect((await refs()).sort()).toEqual([way('active'), `localhost/davit-making-other${run}-over:way`]);
  });
});
