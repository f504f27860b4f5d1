import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createTestDatabase } from '../../test/database.ts';
import { migrate, openDatabase, untilAnswers, type Database, type Migration } from './db.ts';
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

describe('untilAnswers', () => {
  /** A port of this machine behind which the run's PostgreSQL is from the call on. */
  async function portOf(socketDirectory: string): Promise<{ port: number; open: () => void; close: () => void }> {
    const server = createServer((client) => {
      const postgres = connect(join(socketDirectory, '.s.PGSQL.5432'));
      client.pipe(postgres).pipe(client);
      for (const socket of [client, postgres]) socket.on('error', () => client.destroy());
    });
    const listen = (port: number) =>
      new Promise<number>((resolve) =>
        server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
      );
    const port = await listen(0);
    await new Promise((resolve) => server.close(resolve));
    return { port, open: () => void listen(port), close: () => server.close() };
  }

  it('waits for a PostgreSQL that comes after the hub', async () => {
    const { url, drop } = await createTestDatabase();
    const place = new URL(url);
    const late = await portOf(place.searchParams.get('host') ?? '');
    const db = openDatabase({ url: `postgres://davit@127.0.0.1:${late.port}${place.pathname}` });
    let isThere = false;
    const waited = untilAnswers(db, createLog('silent')).then(() => (isThere = true));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(isThere).toBe(false);
    late.open();
    expect(await waited).toBe(true);
    await db.close();
    late.close();
    await drop();
  });

  it('says in words that there is none', async () => {
    const { port } = await portOf('/nowhere');
    const db = openDatabase({ url: `postgres://davit@127.0.0.1:${port}/davit` });
    await expect(untilAnswers(db, createLog('silent'), 0)).rejects.toThrow(/does not answer: .*Start it, or correct/);
    await db.close();
  });

  it('does not wait where that does not help', async () => {
    const { url, drop } = await createTestDatabase();
    const db = openDatabase({ url: url.replace('/test_', '/other_') });
    await expect(untilAnswers(db, createLog('silent'))).rejects.toThrow(/does not exist/);
    await db.close();
    await drop();
  });
});
