import { migrations } from '../migrations/index.ts';
import { migrate, openDatabase, type Database } from '../src/platform/db.ts';
import { createLog } from '../src/platform/log.ts';
import { randomId } from '../src/platform/random.ts';

/** An empty database of its own in the run's real PostgreSQL; `drop` removes it, whoever still uses it. */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const base = process.env['DAVIT_TEST_DATABASE_URL'];
  if (base === undefined) throw new Error('run tests with npm run unit: its global setup starts PostgreSQL');
  const name = `test_${randomId()}`;
  const server = openDatabase({ url: base, poolSize: 1 });
  await server.query(`CREATE DATABASE ${name}`);
  return {
    url: base.replace('/davit?', `/${name}?`),
    drop: async () => {
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.close();
    },
  };
}

/** A migrated database of its own in the run's real PostgreSQL; `drop` closes and removes it. */
export async function createTestDatabase(): Promise<{ db: Database; url: string; drop: () => Promise<void> }> {
  const { url, drop } = await createDatabase();
  const db = openDatabase({ url });
  await migrate(db, migrations, createLog('silent'));
  return {
    db,
    url,
    drop: async () => {
      await db.close();
      await drop();
    },
  };
}
