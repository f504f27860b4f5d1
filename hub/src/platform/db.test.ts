import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../test/database.ts';
import { migrate, openDatabase, type Database, type Migration } from './db.ts';
import { createLog } from './log.ts';

describe('migrate', () => {
  let db: Database;
  let url: string;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    ({ db, url, drop } = await createTestDatabase());
  });
  afterAll(() => drop());

  it('runs each step once although several hubs start at the same time', async () => {
    const step: Migration = {
      name: '9999-count',
      up: async (_, sequelize) => {
        await sequelize.query('CREATE TABLE IF NOT EXISTS counted (n serial)');
        await sequelize.query('INSERT INTO counted DEFAULT VALUES');
      },
    };
    const hubs = [db, openDatabase({ url }), openDatabase({ url })];
    await Promise.all(hubs.map((hub) => migrate(hub, [step], createLog('silent'))));
    const [rows] = await db.query('SELECT count(*)::int AS n FROM counted');
    expect(rows).toEqual([{ n: 1 }]);
    await Promise.all(hubs.slice(1).map((hub) => hub.close()));
  });
});

describe('the pool', () => {
  it('goes on after PostgreSQL has ended the connections that it kept', async () => {
    const { db, url, drop } = await createTestDatabase();
    const other = openDatabase({ url });
    const pidOf = async (): Promise<number> => {
      const [rows] = await other.query('SELECT pg_backend_pid() AS pid');
      return (rows[0] as { pid: number }).pid;
    };
    const kept = await pidOf();
    expect(await pidOf()).toBe(kept);
    await db.query('SELECT pg_terminate_backend($kept, 5000)', { bind: { kept } });
    // The word of the end may still be on its way here; one turn of the event loop reads it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await pidOf()).not.toBe(kept);
    await other.close();
    await drop();
  });
});
