import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from './until.ts';
import { beginRun } from './testRun.ts';

/** A run with a PostgreSQL; it tells its directory, and stays. */
const RUN = `
  const { beginRun } = await import(${JSON.stringify(join(import.meta.dirname, 'testRun.ts'))});
  const { startEmbeddedPostgres } = await import(${JSON.stringify(join(import.meta.dirname, '../src/platform/embeddedPostgres.ts'))});
  const { directory } = await beginRun(process.argv[1]);
  await startEmbeddedPostgres(directory + '/pg', { durable: false });
  console.log(directory);
  setInterval(() => {}, 1000);`;

describe('a run of tests', () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'davit-runs-'));
    // PostgreSQL runs as another user.
    chmodSync(parent, 0o755);
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it('that is killed leaves neither its PostgreSQL nor a file', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', RUN, parent], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = createInterface({ input: child.stdout });
    const directory = await new Promise<string>((resolve) => told.once('line', resolve));
    const postgres = Number(readFileSync(join(directory, 'pg', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    expect(existsSync(`/proc/${postgres}`)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !existsSync(directory));
    expect(existsSync(`/proc/${postgres}`)).toBe(false);
  }, 120_000);

  it('that is killed does not go on in the processes that run its tests', async () => {
    const { directory, end } = await beginRun(parent);
    const env = { ...process.env, DAVIT_TEST_RUN: directory };
    const script = ['-e', 'setInterval(() => {}, 1000)', 'jest-worker'];
    const [own, foreign] = [env, process.env].map((each) => spawn(process.execPath, script, { env: each }));
    const ended = new Promise((resolve) => own?.once('exit', (_, signal) => resolve(signal)));
    await end();
    expect(await ended).toBe('SIGKILL');
    expect(foreign?.exitCode).toBeNull();
    foreign?.kill('SIGKILL');
  });

  it('that ends leaves nothing', async () => {
    const { directory, end } = await beginRun(parent);
    writeFileSync(join(directory, 'tmp', 'left'), '');
    await end();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('removes what runs before a fall of the machine have left, and nothing of those that go on', async () => {
    const [dead, ours] = [join(parent, 'davit-run-dead'), join(parent, 'other')];
    for (const place of [dead, ours]) mkdirSync(place);
    writeFileSync(join(dead, 'owner'), `${process.pid} 1`);
    const first = await beginRun(parent);
    const second = await beginRun(parent);
    expect([dead, ours, first.directory, second.directory].map((place) => existsSync(place))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    await first.end();
    await second.end();
  });
});
