import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChangeEvent } from '@davit/contract';
import { createTestDatabase } from '../../test/database.ts';
import { Bus, type BusMessage } from './bus.ts';
import { Link } from './link.ts';
import { createLog } from './log.ts';
import { EVENTS_CHANNEL, Relay } from './relay.ts';

const log = createLog('silent');

interface TestHub {
  bus: Bus;
  link: Link;
  relay: Relay;
  heard: BusMessage[];
  missed: number;
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const hubs: TestHub[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  for (const { relay, link } of hubs.splice(0)) {
    await relay.stop();
    await link.close();
  }
});

async function hub(): Promise<TestHub> {
  const bus = new Bus();
  const link = new Link({ url: database.url, channel: EVENTS_CHANNEL, log });
  const made: TestHub = { bus, link, relay: new Relay({ link, bus, log }), heard: [], missed: 0 };
  bus.subscribe(
    (message) => made.heard.push(message),
    () => (made.missed += 1),
  );
  await made.relay.start();
  hubs.push(made);
  return made;
}

async function until(state: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; !state() && Date.now() < deadline;) await sleep(5);
  expect(state()).toBe(true);
}

const event = (id: string, version = 1): ChangeEvent => ({ type: 'server', id, version });
const ids = ({ heard }: TestHub) => heard.map((message) => message.event.id);
const breakLinks = () =>
  database.db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`);

describe('Relay', () => {
  it('tells every other hub once, in order, and marks what came from elsewhere', async () => {
    const [a, b, c] = [await hub(), await hub(), await hub()];
    a.bus.emit(event('one'), { userIds: ['ada'] });
    a.bus.emit(event('two'), { everyone: true });
    await until(() => b.heard.length === 2 && c.heard.length === 2);
    expect(b.heard).toEqual([
      { event: event('one'), audience: { userIds: ['ada'] }, elsewhere: true },
      { event: event('two'), audience: { everyone: true }, elsewhere: true },
    ]);
    await sleep(100);
    expect(a.heard).toEqual([
      { event: event('one'), audience: { userIds: ['ada'] } },
      { event: event('two'), audience: { everyone: true } },
    ]);
  });

  it('carries a thousand at once, and an audience that no single message can name', async () => {
    const [a, b] = [await hub(), await hub()];
    for (let i = 0; i < 1000; i += 1) a.bus.emit(event(`server${i}`), { userIds: [`user${i}`] });
    const crowd = Array.from({ length: 3000 }, (_, i) => `user${String(i).padStart(8, '0')}`);
    a.bus.emit(event('shared'), { userIds: crowd });
    await until(() => b.heard.flatMap(({ audience }) => audience.userIds ?? []).length === 4000);
    expect(ids(b).slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => `server${i}`));
    const told = b.heard.slice(1000).flatMap(({ audience }) => audience.userIds ?? []);
    expect(told).toEqual(crowd);
  });

  it('connects again by itself when its connection is lost, says that it may have missed something, and tells what waited', async () => {
    const [a, b] = [await hub(), await hub()];
    await breakLinks();
    await until(() => !a.link.isConnected || a.missed > 0);
    a.bus.emit(event('meanwhile'), { everyone: true });
    await until(() => a.missed > 0 && b.missed > 0);
    await until(() => ids(b).includes('meanwhile') || b.missed > 0);
    a.bus.emit(event('after'), { everyone: true });
    b.bus.emit(event('back'), { everyone: true });
    await until(() => ids(b).includes('after') && ids(a).includes('back'));
    // What was emitted while the sender was cut off is not lost, unless the receiver was cut off as well and knows it.
    expect(ids(b).includes('meanwhile') || b.missed > 0).toBe(true);
  });

  it('keeps what it has to tell while it alone is cut off', async () => {
    const [a, b] = [await hub(), await hub()];
    await cut(a);
    a.bus.emit(event('waits'), { everyone: true });
    await until(() => ids(b).includes('waits'));
    expect(b.missed).toBe(0);
  });

  it('tells the others that they missed something when it could not keep it all', async () => {
    const [a, b] = [await hub(), await hub()];
    await cut(a);
    for (let i = 0; i < 2500; i += 1) a.bus.emit(event(`many${i}`), { everyone: true });
    await until(() => b.missed === 1);
  });

  it('takes what it cannot read for a change of everything', async () => {
    const a = await hub();
    await database.db.query(`SELECT pg_notify('${EVENTS_CHANNEL}', 'from another version')`);
    await until(() => a.missed === 1);
  });
});

/** Breaks one hub's connection and waits until it has noticed. */
async function cut({ link }: TestHub): Promise<void> {
  const [row] = await link.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  // It may be connected again before anybody could look.
  const lost = new Promise<void>((resolve) => {
    link.listen({ connected: () => undefined, notified: () => undefined, lost: resolve });
  });
  await database.db.query(`SELECT pg_terminate_backend(${row!.pid})`);
  await lost;
}
