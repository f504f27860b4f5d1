import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/platform/embeddedPostgres.ts';
import { beginRun } from './testRun.ts';

/** One directory for all that a run makes, and in it one real PostgreSQL; each test file makes a database of its own there. */
export default async function globalSetup() {
  const { directory, end } = await beginRun();
  const postgres = await startEmbeddedPostgres(join(directory, 'pg'), { durable: false });
  process.env['DAVIT_TEST_RUN'] = directory;
  process.env['DAVIT_TEST_DATABASE_URL'] = postgres.url;
  process.env['TMPDIR'] = join(directory, 'tmp');
  return async () => {
    await postgres.stop();
    await end();
  };
}
