import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/platform/embeddedPostgres.ts';

/** One real PostgreSQL for the whole run; each test file makes a database of its own in it. */
export default async function globalSetup() {
  const directory = mkdtempSync('/var/tmp/davit-test-pg-');
  chmodSync(directory, 0o755);
  const postgres = await startEmbeddedPostgres(join(directory, 'pg'), { durable: false });
  process.env['DAVIT_TEST_DATABASE_URL'] = postgres.url;
  return async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
}
