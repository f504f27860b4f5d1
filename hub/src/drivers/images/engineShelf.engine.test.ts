import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuildSweep } from '../../domains/images/buildSweep.ts';
import { createLog } from '../../platform/log.ts';
import { connectEngine, type Engine } from '../spawner/docker/index.ts';
import { runEngine } from './engineCli.ts';
import { EngineShelf } from './engineShelf.ts';

/** Distinguishes this run's images from those of others on the same engine. */
const run = randomBytes(4).toString('hex');
const signal = new AbortController().signal;
const DAYS = 14;
/** An engine with hundreds of images on a busy machine lists them for half a minute. */
const LONG_MS = 600_000;

let directory: string;
let engine: Engine;
/** Days from now until the look. */
let later = 0;

/** Not among the images of the hub, of which an engine may have hundreds. */
const folder = `localhost/davit-shelf-${run}`;
const ref = (name: string, version: string): string => `${folder}/${name}:${version.repeat(12)}`;
const [oldBase, oldLab, base, lab] = [
  ref('layers/base', 'a'),
  ref('lab', 'a'),
  ref('layers/base', 'b'),
  ref('lab', 'b'),
];
const saved = `localhost/davit-saved-${run}/lab:1`;
const all = [base, lab, oldBase, oldLab, saved];

const cli = async (...args: string[]): Promise<string> => {
  const result = await runEngine(engine.cli, args);
  if (result.code !== 0) throw new Error(result.tail.join('\n'));
  return result.output.trim();
};
const isThere = (image: string): Promise<boolean> =>
  engine.client
    .getImage(image)
    .inspect()
    .then(
      () => true,
      (error: unknown) => {
        if ((error as { statusCode?: number }).statusCode === 404) return false;
        throw error;
      },
    );
/** Which of this run's images have their names, in the order of `all`. */
const named = async (): Promise<string[]> => {
  const found: string[] = [];
  for (const image of all) if (await isThere(image)) found.push(image);
  return found;
};
const sweep = (): Promise<void> => {
  const clock = { now: () => new Date(Date.now() + later * 24 * 60 * 60_000) };
  const shelf = new EngineShelf(engine.client, { refs: () => [base, lab] });
  const [keptDigests, log] = [() => Promise.resolve([]), createLog('silent')];
  return new BuildSweep({ shelf, days: DAYS, keptDigests, clock, log }).tick(signal);
};

/** Engines tell the time of a build in seconds. */
async function build(tag: string, from: string): Promise<void> {
  await sleep(1001);
  await writeFile(join(directory, 'Dockerfile'), `FROM ${from}\nCOPY content /${tag.replaceAll(/\W/g, '-')}\n`);
  await writeFile(join(directory, 'content'), `${run} ${tag}`);
  await cli('build', `--tag=${tag}`, directory);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-shelf-test-'));
  engine = await connectEngine({ dataDir: directory, instanceId: run, dockerHost: process.env['DOCKER_HOST'] });
  await build(oldBase, 'scratch');
  await build(oldLab, oldBase);
  await build(base, 'scratch');
  await build(lab, base);
}, LONG_MS);

afterAll(async () => {
  const left = await named();
  if (left.length > 0) await cli('rmi', '-f', ...left);
  await engine.dispose();
  await rm(directory, { recursive: true, force: true });
}, LONG_MS);

it(
  'removes builds of earlier versions some time after newer ones came, and nothing that is in use',
  async () => {
    await build(saved, oldBase);
    const container = await cli('create', oldLab, '/nothing');
    await sweep();
    expect(await named()).toEqual(all);

    later = DAYS + 1;
    await sweep();
    expect(await named()).toEqual([base, lab, oldLab, saved]);
    // What others were made on goes on in them.
    await cli('rm', await cli('create', saved, '/nothing'));

    await cli('rm', container);
    await sweep();
    expect(await named()).toEqual([base, lab, saved]);
  },
  LONG_MS,
);
