import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { QueryTypes } from 'sequelize';
import { createTestDatabase } from '../../test/database.ts';
import { openDatabase, type Database } from './db.ts';
import { fenceWrites } from './fencedDatabase.ts';
import { Lease } from './lease.ts';
import { Link } from './link.ts';
import { createLog } from './log.ts';
import { Loop } from './loop.ts';
import { NotHeld, ticketed, under } from './ticket.ts';

const log = createLog('silent');
/** Long enough that a busy machine renews in time. */
const LIFE_MS = 3000;

/** A hub as far as its lease goes: a connection of its own, and a pool whose writes are fenced. */
interface TestHub {
  lease: Lease;
  db: Database;
  link: Link;
  /** As if the network or the process were gone for a while: nothing is renewed. */
  cut: boolean;
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let hubs: TestHub[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.query('CREATE TABLE work (id serial PRIMARY KEY, by text NOT NULL)');
});
afterAll(() => database.drop());
beforeEach(() => database.db.query('TRUNCATE work, leases'));
afterEach(async () => {
  for (const hub of hubs) hub.cut = false;
  for (const { lease, link, db } of hubs) {
    await lease.stop();
    await link.close();
    await db.close();
  }
  hubs = [];
});

function hub(holder: string): TestHub {
  const link = new Link({ url: database.url, channel: 'test', log });
  const db = fenceWrites(openDatabase({ url: database.url, poolSize: 3 }), 'test');
  const made = { link, db, cut: false } as TestHub;
  const query: Link['query'] = (text, values) =>
    made.cut ? Promise.reject(new Error('cut off')) : link.query(text, values);
  made.lease = new Lease({ name: 'test', holder, link: { query }, db, log, lifeMs: LIFE_MS });
  hubs.push(made);
  return made;
}

async function until(state: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; !state() && Date.now() < deadline;) await sleep(10);
  expect(state()).toBe(true);
}

const write = ({ db }: TestHub, by: string) => db.query('INSERT INTO work (by) VALUES ($by)', { bind: { by } });
const written = async (): Promise<string[]> => {
  const rows = await database.db.query<{ by: string }>('SELECT by FROM work ORDER BY id', { type: QueryTypes.SELECT });
  return rows.map(({ by }) => by);
};

describe('Lease', () => {
  it('is held by one of many that ask at once, and stays with it while it is renewed', async () => {
    const all = ['a', 'b', 'c', 'd'].map(hub);
    await Promise.all(all.map(({ lease }) => lease.start()));
    const held = () => all.filter(({ lease }) => lease.hold !== undefined);
    expect(held()).toHaveLength(1);
    const [holder] = held();
    const { hold } = holder!.lease;
    await sleep(LIFE_MS * 2);
    expect(held()).toEqual([holder]);
    expect(holder!.lease.hold).toBe(hold);
    expect(hold!.signal.aborted).toBe(false);
  });

  it('ends here before another hub has it, with a higher fence there', async () => {
    const [a, b] = [hub('a'), hub('b')];
    await a.lease.start();
    await b.lease.start();
    const before = a.lease.hold!;
    let overlapped = false;
    b.lease.onChange((hold) => (overlapped ||= hold !== undefined && !before.signal.aborted));
    a.cut = true;
    await until(() => b.lease.hold !== undefined);
    expect([overlapped, before.signal.aborted, a.lease.hold]).toEqual([false, true, undefined]);
    expect(b.lease.hold!.fence).toBeGreaterThan(before.fence);
    a.cut = false;
    await sleep(LIFE_MS);
    expect(a.lease.hold).toBeUndefined();
  });

  it('is taken over within a second of an orderly end, after what is under way has stopped', async () => {
    const [a, b] = [hub('a'), hub('b')];
    await a.lease.start();
    await b.lease.start();
    const order: string[] = [];
    a.lease.onChange(async () => {
      await sleep(200);
      order.push('a has stopped');
    });
    b.lease.onChange(() => order.push('b acts'));
    await a.lease.stop();
    const ended = Date.now();
    await until(() => b.lease.hold !== undefined);
    expect(Date.now() - ended).toBeLessThan(1000);
    expect(order).toEqual(['a has stopped', 'b acts']);
  });

  it('is had at once by the same hub after a crash, but not while another has it', async () => {
    const a = hub('a');
    await a.lease.start();
    const { fence } = a.lease.hold!;
    a.cut = true;
    const again = hub('a');
    await again.lease.start();
    expect(again.lease.hold!.fence).toBe(fence + 1);
    const other = hub('b');
    await other.lease.start();
    expect(other.lease.hold).toBeUndefined();
  });

  it('comes back to a hub that was cut off and that nobody replaced, with another fence', async () => {
    const a = hub('a');
    await a.lease.start();
    const before = a.lease.hold!;
    a.cut = true;
    await until(() => before.signal.aborted);
    a.cut = false;
    await until(() => a.lease.hold !== undefined);
    expect(a.lease.hold!.fence).toBe(before.fence + 1);
  });
});

describe('work under a lease', () => {
  it('writes while the lease is held, and no more when another hub has it', async () => {
    const [a, b] = [hub('a'), hub('b')];
    await a.lease.start();
    const before = a.lease.hold!;
    await under(before, () => write(a, 'a in time'));
    a.cut = true;
    await b.lease.start();
    await until(() => b.lease.hold !== undefined);
    await under(b.lease.hold, () => write(b, 'b'));
    // What does not even hear of its abort is refused by the fence alone.
    const deaf = { fence: before.fence, signal: new AbortController().signal };
    await expect(under(deaf, () => write(a, 'a late'))).rejects.toThrow(NotHeld);
    await expect(under(before, () => write(a, 'a late'))).rejects.toThrow();
    await expect(
      under(deaf, () =>
        a.db.transaction((tx) => a.db.query("INSERT INTO work (by) VALUES ('x')", { transaction: tx })),
      ),
    ).rejects.toThrow(NotHeld);
    await write(a, 'a person at a');
    expect(await written()).toEqual(['a in time', 'b', 'a person at a']);
    await under(deaf, () => a.db.query('SELECT 1'));
  });

  it('keeps the next holder out until its transaction has ended', async () => {
    const [a, b] = [hub('a'), hub('b')];
    await a.lease.start();
    const order: string[] = [];
    const work = under(a.lease.hold, () =>
      a.db.transaction(async (tx) => {
        a.cut = true;
        await sleep(LIFE_MS * 2.5);
        await a.db.query("INSERT INTO work (by) VALUES ('a')", { transaction: tx });
        order.push('a has written');
      }),
    );
    b.lease.onChange(() => order.push('b acts'));
    await b.lease.start();
    await work;
    await until(() => b.lease.hold !== undefined);
    expect(order).toEqual(['a has written', 'b acts']);
  });

  it('is renewed while such a transaction is open', async () => {
    const a = hub('a');
    await a.lease.start();
    const { hold } = a.lease;
    await under(hold, () => a.db.transaction(() => sleep(LIFE_MS * 2)));
    expect(a.lease.hold).toBe(hold);
  });

  it('is let go when the process that holds the transaction is stopped in the middle of it', async () => {
    const [a, b] = [hub('a'), hub('b')];
    await a.lease.start();
    a.cut = true;
    const stopped = under(a.lease.hold, () =>
      a.db.transaction(async (tx) => {
        await sleep(12_000);
        await a.db.query("INSERT INTO work (by) VALUES ('a')", { transaction: tx });
      }),
    );
    stopped.catch(() => undefined);
    await b.lease.start();
    await until(() => b.lease.hold !== undefined);
    await expect(stopped).rejects.toThrow();
    expect(await written()).toEqual([]);
  }, 40_000);

  it('is asked for before each step of a driver', async () => {
    const [a, b] = [hub('a'), hub('b')];
    await a.lease.start();
    const done: string[] = [];
    const engine = {
      list: () => Promise.resolve(done.length),
      remove: (name: string) => Promise.resolve(done.push(name)),
    };
    const driver = ticketed(engine, ['remove'], a.lease);
    await under(a.lease.hold, () => driver.remove('one'));
    await expect(driver.remove('by a person')).rejects.toThrow(NotHeld);
    const before = a.lease.hold;
    a.cut = true;
    await b.lease.start();
    await until(() => b.lease.hold !== undefined);
    await expect(under(before, () => driver.remove('late'))).rejects.toThrow(NotHeld);
    expect([await driver.list(), done]).toEqual([1, ['one']]);
  });
});

describe('a loop with a ticket', () => {
  it('ticks where the lease is and begins elsewhere when it moves', async () => {
    const [a, b] = [hub('a'), hub('b')];
    const ticks: string[] = [];
    const loops = (
      [
        ['a', a],
        ['b', b],
      ] as const
    ).map(
      ([name, { lease }]) =>
        new Loop({
          name,
          everyMs: 20,
          log,
          ticket: lease,
          run: (signal) => {
            ticks.push(name);
            // As work that only an abort ends.
            return sleep(60_000, undefined, { signal });
          },
        }),
    );
    await a.lease.start();
    await b.lease.start();
    loops.forEach((loop) => loop.start());
    await until(() => ticks.length === 1);
    loops[1]!.wake();
    await a.lease.stop();
    await until(() => ticks.length === 2);
    expect(ticks).toEqual(['a', 'b']);
    await Promise.all(loops.map((loop) => loop.stop()));
  });
});
