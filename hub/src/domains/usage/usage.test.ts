import type { UsageQuery, UsageRow } from '@davit/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../../test/database.ts';
import type { Actor } from '../../platform/auth.ts';
import type { Database } from '../../platform/db.ts';
import { createUsageDomain } from './index.ts';
import type { UsageService } from './service.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ME = 'ada000000000';

let now = new Date('2026-03-31T12:00:00Z');
let db: Database;
let drop: () => Promise<void>;
let usage: UsageService;

beforeAll(async () => {
  ({ db, drop } = await createTestDatabase());
  const people = { visibleTo: () => Promise.resolve('all' as const) };
  const groups = { lookedAfter: () => Promise.resolve(undefined) };
  usage = createUsageDomain({ db, people, groups, clock: { now: () => now } }).service;
});
afterAll(() => drop());
afterEach(async () => {
  now = new Date('2026-03-31T12:00:00Z');
  await db.query('TRUNCATE server_runs, servers CASCADE');
});

interface Run {
  server: string;
  owner: string;
  start: number | string;
  end: number | string | null;
  cpu: number;
  memoryMb: number;
  gpu: number;
  seen: string | null;
  /** Hours by which the clock was set while it ran. */
  step: number;
}

let made = 0;

async function add(...runs: Partial<Run>[]): Promise<void> {
  const full = runs.map((run) => {
    const given = {
      server: 'lab000000000',
      owner: ME,
      cpu: 2,
      memoryMb: 4096,
      gpu: 1,
      end: null,
      seen: null,
      step: 0,
      ...run,
    };
    made += 1;
    return { ...given, id: `engine-${made}`, start: iso(given.start ?? null), end: iso(given.end) };
  });
  const sql = `INSERT INTO server_runs
      (engine_id, server_id, owner_id, generation, cpu, memory_mb, gpu, started_at, ended_at, seen_at,
       clock_step_ms)
    SELECT id, server, owner, 1, cpu, "memoryMb", gpu, start, "end", seen, step * 3600000 FROM jsonb_to_recordset($runs::jsonb)
      AS t(id text, server text, owner text, cpu float8, "memoryMb" int, gpu int, start timestamptz, "end" timestamptz,
        seen timestamptz, step float8)`;
  await db.query(sql, { bind: { runs: JSON.stringify(full) } });
}

function iso(time: number | string | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

function actor(userId = ME): Actor {
  return { userId, name: 'ada', role: 'admin', scopes: new Set(['read', 'admin']), via: { kind: 'session', id: 's' } };
}

async function rows(query: Partial<UsageQuery>): Promise<UsageRow[]> {
  const asked: UsageQuery = { by: 'day', scope: 'all', timeZone: 'UTC', limit: 200, ...query };
  const page = await usage.list(actor(), asked);
  if (page.nextCursor === null) return page.items;
  return [...page.items, ...(await rows({ ...query, cursor: page.nextCursor }))];
}

describe('one interval', () => {
  it('gives minutes, and what it held in each of them', async () => {
    await add({ start: '2026-03-10T10:00Z', end: '2026-03-10T11:30Z', cpu: 0.5, memoryMb: 1536, gpu: 3 });
    expect(await rows({ by: 'server' })).toEqual([
      {
        userId: ME,
        userName: null,
        serverId: 'lab000000000',
        serverName: null,
        serverDeleted: false,
        day: null,
        minutes: 90,
        cpuCoreMinutes: 45,
        memoryGbMinutes: 135,
        gpuCardMinutes: 270,
        since: '2026-03-10T10:00:00.000Z',
      },
    ]);
  });

  it('is cut at the range, and its begin with it', async () => {
    await add({ start: '2026-02-01T00:00Z', end: '2026-03-31T00:00Z' });
    const [row] = await rows({ by: 'user', from: '2026-03-02', to: '2026-03-03' });
    expect(row).toMatchObject({ minutes: 2880, since: '2026-03-02T00:00:00.000Z' });
  });

  it('counts until now while it runs', async () => {
    await add({ start: '2026-03-31T11:00Z', seen: '2026-03-31T11:59:30Z' });
    expect(await rows({})).toMatchObject([{ minutes: 60 }]);
    now = new Date('2026-03-31T12:01Z');
    expect(await rows({})).toMatchObject([{ minutes: 61 }]);
  });

  it('does not go on for ever when it is seen no more', async () => {
    await add({ start: '2026-03-30T11:00Z', seen: '2026-03-30T11:30Z' });
    expect(await rows({})).toMatchObject([{ minutes: 33 }]);
  });

  it.each([
    ['ended before it started', { start: '2026-03-10T10:00Z', end: '2026-03-10T09:00Z' }],
    ['ended when it started', { start: '2026-03-10T10:00Z', end: '2026-03-10T10:00Z' }],
    ['starts in the future', { start: '2026-03-31T13:00Z', end: '2026-03-31T14:00Z' }],
  ])('that %s is nothing where nobody told that the clock was set', async (_, run) => {
    await add(run);
    expect(await rows({ to: '2026-04-02' })).toEqual([]);
    expect(await rows({ by: 'user', to: '2026-04-02' })).toEqual([]);
  });

  const noon = '2026-03-31T12:00Z';
  it.each<[string, Partial<Run>]>([
    ['set forward, and ended', { start: '2026-03-10T10:00Z', end: '2026-03-10T12:30Z', step: 1 }],
    ['set back, and ended', { start: '2026-03-10T10:00Z', end: '2026-03-10T10:30Z', step: -1 }],
    ['set back to before the start, and ended', { start: '2026-03-10T10:00Z', end: '2026-03-10T08:30Z', step: -3 }],
    ['set forward, and runs', { start: '2026-03-31T08:30Z', seen: noon, step: 2 }],
    ['set back, and runs', { start: '2026-03-31T11:30Z', seen: noon, step: -1 }],
    ['set back to before the start, and runs', { start: '2026-03-31T13:30Z', seen: noon, step: -3 }],
    [
      'set back after it had ended',
      { start: '2026-03-31T12:30Z', end: '2026-03-31T14:00Z', seen: '2026-03-31T13:59Z' },
    ],
  ])('of an hour and a half is that whatever the clock says: %s', async (_, run) => {
    await add(run);
    expect(await rows({ by: 'user', to: '2026-04-01' })).toMatchObject([{ minutes: 90 }]);
  });

  it('whose clock was set back reaches into the days that it really reached into', async () => {
    await add({ start: '2026-03-10T20:00Z', end: '2026-03-10T23:00Z', step: -3 });
    expect(await rows({ from: '2026-03-11', to: '2026-03-11' })).toMatchObject([{ minutes: 120 }]);
    expect(await rows({ from: '2026-03-10', to: '2026-03-11', by: 'user' })).toMatchObject([{ minutes: 360 }]);
  });

  it('never reaches beyond now, unless it was seen there', async () => {
    await add({ start: '2026-03-31T11:00Z', end: '2026-03-31T18:00Z' });
    expect(await rows({})).toMatchObject([{ minutes: 60 }]);
  });
});

describe('days', () => {
  // Clocks went forward on 29 March in Berlin and at midnight on 24 April in Cairo; back at 1:00 to midnight in Havana.
  it.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2025-10-26', 25],
    ['Africa/Cairo', '2026-04-24', 23],
    ['America/Havana', '2025-11-02', 25],
    ['Asia/Shanghai', '2026-03-29', 24],
    ['Pacific/Apia', '2011-12-30', 0],
    ['Australia/Lord_Howe', '2025-10-05', 23.5],
  ])('in %s the %s has %d hours', async (timeZone, day, hours) => {
    now = new Date('2027-01-01T00:00Z');
    await add({ start: '2011-01-01T00:00Z', end: '2026-12-31T00:00Z' });
    const [row] = await rows({ timeZone, from: day, to: day });
    expect(row?.minutes ?? 0).toBe(hours * 60);
  });

  it('are asked for with names and bounds that make sense', async () => {
    const refusal = (query: Partial<UsageQuery>) =>
      rows(query).then(
        () => 'accepted',
        (error: unknown) => (error as { fields?: { path: string }[] }).fields?.[0]?.path,
      );
    expect(await refusal({ timeZone: 'Mars/Olympus' })).toBe('timeZone');
    expect(await refusal({ timeZone: '+08:00' })).toBe('timeZone');
    expect(await refusal({ timeZone: "UTC'; DROP TABLE users" })).toBe('timeZone');
    expect(await refusal({ from: '2026-03-02', to: '2026-03-01' })).toBe('from');
    expect(await refusal({ from: '2000-01-01' })).toBe('from');
    expect(await refusal({ from: '0001-01-01', to: '0001-01-02' })).toBe('from');
    expect(await refusal({ to: '0001-01-02' })).toBe('to');
  });

  it('agree with counting each quarter of an hour by hand, in any zone', async () => {
    const random = seeded(7);
    const begin = Date.parse('2026-02-20T00:00Z');
    const span = 60 * 24 * 4;
    now = new Date(begin + span * 15 * MINUTE);
    const runs = Array.from({ length: 120 }, () => {
      const start = begin + Math.floor(random() * span) * 15 * MINUTE;
      const length = Math.floor(random() ** 4 * 24 * 4 * 20) * 15 * MINUTE;
      return {
        server: `server00000${Math.floor(random() * 3)}`,
        owner: `owner000000${Math.floor(random() * 2)}`,
        start,
        end: Math.min(start + length, now.getTime()),
        cpu: 1 + Math.floor(random() * 4) / 2,
        memoryMb: 1024 * (1 + Math.floor(random() * 8)),
        gpu: Math.floor(random() * 3),
      };
    });
    await add(...runs);
    for (const timeZone of ['UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu']) {
      const range = { timeZone, from: '2026-03-01', to: '2026-04-10' };
      const found = await rows({ ...range, by: 'server-day', limit: 50 });
      expect(table(found)).toEqual(byHand(runs, range));
      expect(found.map(({ day, minutes }) => [day, minutes])).toEqual(
        [...found]
          .sort((a, b) => (b.day ?? '').localeCompare(a.day ?? '') || b.minutes - a.minutes)
          .map(({ day, minutes }) => [day, minutes]),
      );
      const total = found.reduce((sum, row) => sum + row.gpuCardMinutes, 0);
      for (const by of ['user', 'server', 'day', 'user-day'] as const) {
        const sums = await rows({ ...range, by });
        expect(sums.reduce((sum, row) => sum + row.gpuCardMinutes, 0)).toBeCloseTo(total, 6);
      }
    }
  });
});

type Table = Record<string, number[]>;

function table(found: readonly UsageRow[]): Table {
  return Object.fromEntries(
    found.map((row) => [
      `${row.day} ${row.userId} ${row.serverId}`,
      [row.minutes, row.cpuCoreMinutes, row.memoryGbMinutes, row.gpuCardMinutes],
    ]),
  );
}

function byHand(
  runs: readonly (Omit<Run, 'seen' | 'step'> & { start: number; end: number })[],
  { timeZone, from, to }: { timeZone: string; from: string; to: string },
): Table {
  const words = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const sums: Table = {};
  for (const { server, owner, start, end, cpu, memoryMb, gpu } of runs) {
    for (let at = start; at < end; at += 15 * MINUTE) {
      const day = words.format(at);
      if (day < from || day > to) continue;
      const sum = (sums[`${day} ${owner} ${server}`] ??= [0, 0, 0, 0]);
      [15, 15 * cpu, (15 * memoryMb) / 1024, 15 * gpu].forEach(
        (value, index) => (sum[index] = (sum[index] ?? 0) + value),
      );
    }
  }
  return sums;
}

/** A small generator of numbers in [0, 1) that gives the same ones each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('pages', () => {
  it('stay as they were when the first was read, though what runs goes on', async () => {
    await add(
      ...Array.from({ length: 7 }, (_, index) => ({
        server: `server00000${index}`,
        start: now.getTime() - index * HOUR - HOUR,
        seen: now.toISOString(),
      })),
      { server: 'server00000x', start: now.getTime() - 3 * HOUR - MINUTE, end: now.getTime() - MINUTE },
    );
    const query = { by: 'server', scope: 'all', timeZone: 'UTC', limit: 3 } as const;
    const first = await usage.list(actor(), query);
    now = new Date(now.getTime() + 2 * HOUR);
    const second = await usage.list(actor(), { ...query, cursor: first.nextCursor ?? '' });
    const third = await usage.list(actor(), { ...query, cursor: second.nextCursor ?? '' });
    const all = [first, second, third].flatMap(({ items }) => items);
    expect(third.nextCursor).toBeNull();
    expect(new Set(all.map(({ serverId }) => serverId)).size).toBe(8);
    expect(all.map(({ minutes }) => minutes)).toEqual([420, 360, 300, 240, 180, 180, 120, 60]);
  });

  it('take no forged cursor', async () => {
    const forged = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    for (const parts of [
      ['x', '', '1', ''],
      ['2026-01-01T00:00:00Z', '', "1'; --", ''],
      ['2026-01-01T00:00:00Z', '', '1'],
    ]) {
      await expect(rows({ cursor: forged(parts) })).rejects.toMatchObject({ code: 'bad-request' });
    }
  });
});

describe('the summary', () => {
  it('has each day of the range, and today apart from it', async () => {
    await add(
      { start: '2026-03-02T10:00Z', end: '2026-03-02T11:00Z' },
      { start: '2026-03-31T11:30Z', seen: '2026-03-31T11:59:59Z' },
      { owner: 'bob000000000', start: '2026-03-02T10:00Z', end: '2026-03-02T11:00Z' },
    );
    const { today, range, days } = await usage.summary(actor(), {
      from: '2026-03-01',
      to: '2026-03-03',
      timeZone: 'UTC',
    });
    expect(days.map(({ day, minutes }) => [day, minutes])).toEqual([
      ['2026-03-01', 0],
      ['2026-03-02', 60],
      ['2026-03-03', 0],
    ]);
    expect(range).toMatchObject({ minutes: 60, gpuCardMinutes: 60, since: '2026-03-02T10:00:00.000Z' });
    expect(today).toMatchObject({ minutes: 30, since: '2026-03-31T11:30:00.000Z' });
  });

  it('of somebody who used nothing says so with zeros', async () => {
    const { today, range, days } = await usage.summary(actor(), { timeZone: 'Asia/Shanghai' });
    expect(days).toHaveLength(30);
    expect(days.at(-1)?.day).toBe('2026-03-31');
    expect([today.minutes, range.minutes, range.since]).toEqual([0, 0, null]);
  });
});

describe('many intervals', () => {
  it('100,000 of three years are summed up by day fast enough for a page', async () => {
    await db.query(`INSERT INTO server_runs
        (engine_id, server_id, owner_id, generation, cpu, memory_mb, gpu, started_at, ended_at)
      SELECT 'many-' || i, 'server' || i % 2000, 'owner' || i % 500, 1, 2, 4096, 1,
        '2026-03-31'::timestamptz - i * interval '15 minutes',
        '2026-03-31'::timestamptz - i * interval '15 minutes' + (i % 50) * interval '1 hour'
      FROM generate_series(1, 100000) AS i`);
    await db.query('ANALYZE server_runs');
    const begin = performance.now();
    const [mine] = await rows({ by: 'user', owner: 'owner7', from: '2023-05-01' });
    const one = performance.now() - begin;
    const all = await rows({ by: 'user-day', from: '2026-03-02' });
    const month = performance.now() - begin - one;
    const everything = await rows({ by: 'day', from: '2023-05-01', limit: 200 });
    const years = performance.now() - begin - one - month;
    expect(mine?.minutes).toBeGreaterThan(0);
    expect([all.length > 100, everything.length > 1000]).toEqual([true, true]);
    // Generous, because other programs may want the machine too; a nested loop over days takes ten times as long.
    expect({ one: one < 2000, month: month < 15_000, years: years < 30_000 }).toEqual({
      one: true,
      month: true,
      years: true,
    });
  }, 120_000);
});
