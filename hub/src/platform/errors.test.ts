import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../test/database.ts';
import { openDatabase, type Database } from './db.ts';
import { problemOf } from './errors.ts';

let db: Database;
let url: string;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, url, drop } = await createTestDatabase());
});
afterAll(() => drop());

const answerOf = (failing: Promise<unknown>) =>
  failing.then(
    () => undefined,
    (error: unknown) => problemOf(error, 'abc'),
  );
const AWAY = { status: 503, code: 'unavailable', detail: expect.stringContaining('cannot reach its database') };

describe('the answer while the database is away', () => {
  it('says so when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const gone = openDatabase({ url: `postgres://davit@127.0.0.1:${port}/davit` });
    expect(await answerOf(gone.query('SELECT 1'))).toMatchObject(AWAY);
    const removed = openDatabase({ url: 'postgres://davit@localhost/davit?host=%2Fnowhere' });
    expect(await answerOf(removed.query('SELECT 1'))).toMatchObject(AWAY);
  });

  it.each(['SELECT pg_sleep(20)', 'BEGIN; SELECT pg_sleep(20)'])('says so when it ends during %j', async (sql) => {
    const other = openDatabase({ url });
    const answer = answerOf(other.query(sql));
    const asleep = `SELECT pg_terminate_backend(pid, 5000) AS ended FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()`;
    for (let ended = 0; ended === 0;) ended = (await db.query(asleep))[0].length;
    expect(await answer).toMatchObject(AWAY);
    await other.close();
  });

  it('does not say so of what is wrong with a query', async () => {
    const answer = await answerOf(db.query('SELECT nothing FROM nowhere'));
    expect(answer).toMatchObject({ status: 500, code: 'internal' });
    expect(answer?.detail).not.toContain('nowhere');
  });
});
