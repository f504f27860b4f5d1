import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { runDirectory } from '../../test/testRun.ts';
import { until } from '../../test/until.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embeddedPostgres.ts';
import { beganAt } from './processes.ts';

jest.setTimeout(120_000);

let directory: string;
let running: EmbeddedPostgres | undefined;
beforeAll(() => {
  directory = mkdtempSync(join(runDirectory(), 'davit-pg-'));
  // PostgreSQL runs as another user.
  chmodSync(directory, 0o755);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const start = async () => (running = await startEmbeddedPostgres(directory, { durable: false }));
const postmaster = () => Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a PostgreSQL of our own', () => {
  it('is made anew when the one that made it was killed amidst', async () => {
    const module = join(import.meta.dirname, 'embeddedPostgres.ts');
    const program = `import { startEmbeddedPostgres } from ${JSON.stringify(module)};
      await startEmbeddedPostgres(${JSON.stringify(directory)}, { durable: false });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      // A process group of its own, which initdb then is in.
      detached: true,
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const begun = () => ['data', 'data.new'].some((name) => existsSync(join(directory, name, 'PG_VERSION')));
    while (!begun()) await new Promise((resolve) => setTimeout(resolve, 1));
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    expect(existsSync(join(directory, 'data', 'postmaster.pid'))).toBe(false);
    const { url, adopted } = await start();
    expect(adopted).toBe(false);
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('gets its database also when it is taken over from a hub that was killed before it made one', async () => {
    const { url } = await start();
    await ask(url.replace('/davit?', '/postgres?'), 'DROP DATABASE davit');
    const next = await start();
    expect(next.adopted).toBe(true);
    expect(await ask(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is started again when it has died, and left alone while it runs', async () => {
    const postgres = await start();
    await ask(postgres.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    // Without this the last writes would be lost: it does not run durably here.
    await ask(postgres.url, 'CHECKPOINT');
    const before = postmaster();
    expect(await postgres.revive()).toBe(false);
    process.kill(before, 'SIGKILL');
    await until(() => beganAt(before) === undefined);
    await until(async () => postgres.revive().catch(() => false));
    expect(postmaster()).not.toBe(before);
    expect(await ask(postgres.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });
});
