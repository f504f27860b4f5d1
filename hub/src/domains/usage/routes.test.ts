import { exportUsage, getUsageSummary, listUsage, urlOf, type Role, type UsageRow } from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { serveApi, TestClient } from '../../../test/apiHarness.ts';
import { createTestDatabase } from '../../../test/database.ts';
import type { Actor } from '../../platform/auth.ts';
import type { Database } from '../../platform/db.ts';
import { ApiRouter } from '../../platform/http.ts';
import { createUsageDomain } from './index.ts';

const ADA = 'ada000000000';
const BOB = 'bob000000000';
const TINA = 'tina00000000';
const ROOT = 'root00000000';
const ROLES: Record<string, Role> = { [ADA]: 'user', [BOB]: 'user', [TINA]: 'teacher', [ROOT]: 'admin' };
/** Of tina, with ada in it. */
const LAB = 'lab000000000';
const PUBLIC = 'public000000';
const FORMULA = `=HYPERLINK("http://x.example","save, 50 %")`;

let db: Database;
let close: () => Promise<void>;
let url: string;

function actor(userId: string, server?: string): Actor {
  const role = ROLES[userId] ?? 'user';
  return {
    userId,
    name: userId,
    role,
    scopes: new Set(role === 'admin' ? ['read', 'admin'] : ['read']),
    via: { kind: 'session', id: 'session00000' },
    ...(server === undefined ? {} : { server: { id: server } }),
  };
}

beforeAll(async () => {
  const database = await createTestDatabase();
  db = database.db;
  const api = new ApiRouter();
  createUsageDomain({
    db,
    clock: { now: () => new Date('2026-03-31T12:00:00Z') },
    people: {
      visibleTo: ({ userId, role }) =>
        Promise.resolve(role === 'admin' ? 'all' : role === 'teacher' ? [userId, ADA] : [userId]),
    },
    groups: {
      lookedAfter: ({ userId, role, server }, group) => {
        const members = { [LAB]: [TINA, ADA], [PUBLIC]: 'all' as const }[group];
        const may = role === 'admin' || (userId === TINA && group === LAB && server === undefined);
        return Promise.resolve(may ? members : undefined);
      },
    },
  }).routes(api);
  const served = await serveApi(api, ({ who, inside }) =>
    Promise.resolve(typeof who === 'string' ? actor(who, inside as string | undefined) : undefined),
  );
  url = served.url;
  close = async () => {
    await served.close();
    await database.drop();
  };
  await seed();
});
afterAll(() => close());

/** Ada's two servers, the second deleted, and one of Bob, who is deleted himself. Each ran an hour on the 2nd of March. */
async function seed(): Promise<void> {
  await db.query(`INSERT INTO users (id, name, display_name, role, active, quota, created_at, deleted_at)
    VALUES ('${ADA}', 'ada', '', 'user', true, '{}', now(), NULL), ('${BOB}', 'bob', '', 'user', true, '{}', now(), now())`);
  for (const [id, owner, name, desired] of [
    ['adaone000000', ADA, FORMULA, 'stopped'],
    ['adatwo000000', ADA, '旧环境', 'deleted'],
    ['bobone000000', BOB, 'lab', 'stopped'],
  ]) {
    await db.query(
      `INSERT INTO servers (id, owner_id, name, image_id, editors, base_path, cpu, memory_mb, gpu, desired, generation,
        phase, reserved, created_at) VALUES ($id, $owner, $name, 'image', '[]', '', 1, 1024, 0, $desired, 1, 'stopped',
        false, now())`,
      { bind: { id, owner, name, desired } },
    );
    await db.query(
      `INSERT INTO server_runs (engine_id, server_id, owner_id, generation, cpu, memory_mb, gpu, started_at, ended_at)
        VALUES ($id, $id, $owner, 1, 1, 1024, 2, '2026-03-02T10:00Z', '2026-03-02T11:00Z')`,
      { bind: { id, owner } },
    );
  }
}

const as = (who: string, inside?: string): TestClient =>
  new TestClient(url, inside === undefined ? { who } : { who, inside });

/** Names of the servers in a list. */
async function seen(client: TestClient, query: Parameters<typeof listUsage.query.parse>[0]): Promise<string[]> {
  const answer = await client.call(listUsage, { query: query as { scope?: 'all' } });
  return answer.body.items.map((row: UsageRow) => row.serverId ?? '').sort();
}

describe('who sees what', () => {
  it('everybody the own', async () => {
    expect(await seen(as(ADA), {})).toEqual(['adaone000000', 'adatwo000000']);
    expect(await seen(as(ADA), { scope: 'all' })).toEqual(['adaone000000', 'adatwo000000']);
    expect(await seen(as(TINA), {})).toEqual([]);
  });

  it('a teacher the members’, an admin everybody’s', async () => {
    expect(await seen(as(TINA), { scope: 'all' })).toEqual(['adaone000000', 'adatwo000000']);
    expect(await seen(as(TINA), { owner: ADA })).toHaveLength(2);
    expect(await seen(as(ROOT), { scope: 'all' })).toHaveLength(3);
    expect(await seen(as(ROOT), { server: 'bobone000000' })).toEqual(['bobone000000']);
    const servers = 'bobone000000,adaone000000,nothing00000';
    expect(await seen(as(ROOT), { scope: 'all', servers })).toEqual(['adaone000000', 'bobone000000']);
    expect(await seen(as(TINA), { scope: 'all', servers })).toEqual(['adaone000000']);
  });

  it('of a group those who are in it, whoever looks after it', async () => {
    for (const who of [TINA, ROOT]) {
      expect(await seen(as(who), { group: LAB })).toEqual(['adaone000000', 'adatwo000000']);
      expect(await seen(as(who), { group: LAB, owner: ADA })).toHaveLength(2);
      expect(await seen(as(who), { group: LAB, server: 'adaone000000' })).toEqual(['adaone000000']);
    }
    expect(await seen(as(ROOT), { group: PUBLIC })).toHaveLength(3);
    expect(await seen(as(ROOT), { group: LAB, servers: 'bobone000000' })).toEqual([]);
  });

  it.each([
    ['a group that one does not look after', ADA, { group: LAB }, 'group'],
    ['the group of all, for a teacher', TINA, { group: PUBLIC }, 'group'],
    ['a group that never was', ROOT, { group: 'nothing00000' }, 'group'],
    ['a person who is not in the group', ROOT, { group: LAB, owner: BOB }, 'owner'],
    ['a server of nobody in the group', ROOT, { group: LAB, server: 'bobone000000' }, 'server'],
    ['another person', ADA, { owner: BOB }, 'owner'],
    ['a server of another person', ADA, { server: 'bobone000000' }, 'server'],
    ['a person who is no member', TINA, { owner: BOB }, 'owner'],
    ['a server that never was', ROOT, { server: 'nothing00000' }, 'server'],
  ])('%s is refused, in the list and in the file', async (_, who, query, field) => {
    for (const route of [listUsage, exportUsage]) {
      const answer = await as(who).send('GET', urlOf(route, undefined, query));
      expect([answer.status, answer.fields]).toEqual([404, [field]]);
    }
  });

  it('from inside a server its owner’s alone, whatever else that person may see', async () => {
    expect(await seen(as(TINA, 'tinaserver00'), { scope: 'all' })).toEqual([]);
    expect(await seen(as(ADA, 'adaone000000'), { scope: 'all' })).toHaveLength(2);
    for (const query of [`owner=${ADA}`, `group=${LAB}`])
      expect((await as(TINA, 'tinaserver00').send('GET', `/api/v1/usage?${query}`)).status).toBe(404);
  });

  it('nobody without a sign-in', async () => {
    for (const route of [listUsage, exportUsage, getUsageSummary]) {
      expect((await new TestClient(url).send('GET', route.path)).status).toBe(401);
    }
  });
});

it.each([
  ['from=2026-02-30', 'from'],
  ['to=yesterday', 'to'],
  ['from=2026-03-03&to=2026-03-01', 'from'],
  ['timeZone=Nowhere', 'timeZone'],
  ['by=hour', 'by'],
  ['cursor=x', 'cursor'],
  ['servers=x', 'servers'],
])('refuses ?%s naming the field', async (query, field) => {
  const answer = await as(ADA).send('GET', `/api/v1/usage?${query}`);
  expect([answer.status, answer.fields]).toEqual([400, [field]]);
});

it('keeps the names of what is deleted', async () => {
  const { body } = await as(ROOT).call(listUsage, { query: { scope: 'all' } });
  const told = body.items.map(({ userName, serverName, serverDeleted }) => [userName, serverName, serverDeleted]);
  expect(told.sort()).toEqual([
    ['ada', FORMULA, false],
    ['ada', '旧环境', true],
    ['bob', 'lab', false],
  ]);
});

it('sums up my own for a glance, also for an admin', async () => {
  const ada = await as(ADA).call(getUsageSummary, { query: { timeZone: 'Asia/Shanghai' } });
  expect(ada.body.range).toMatchObject({ minutes: 120, gpuCardMinutes: 240, since: '2026-03-02T10:00:00.000Z' });
  const root = await as(ROOT).call(getUsageSummary, { query: {} });
  expect(root.body.range.minutes).toBe(0);
});

describe('the file', () => {
  it('has a header and a line for each row, and no text that a spreadsheet would run', async () => {
    const answer = await fetch(`${url}${urlOf(exportUsage, undefined, { scope: 'all', by: 'server-day' })}`, {
      headers: { who: ROOT },
    });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="usage-2026-03-02-2026-03-31.csv"');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
    const lines = parse<Record<string, string>>(bytes, { bom: true, columns: true });
    expect(lines.map((line) => line['server']).sort()).toEqual([`'${FORMULA}`, 'lab', '旧环境']);
    expect(lines.find((line) => line['server'] === '旧环境')).toEqual({
      day: '2026-03-02',
      user: 'ada',
      user_id: ADA,
      server: '旧环境',
      server_id: 'adatwo000000',
      server_deleted: 'true',
      minutes: '60',
      cpu_core_minutes: '60',
      memory_gb_minutes: '60',
      gpu_card_minutes: '120',
      since: '2026-03-02T10:00:00.000Z',
    });
  });

  it('goes on beyond one piece without losing or doubling a row', async () => {
    await db.query(`INSERT INTO server_runs
        (engine_id, server_id, owner_id, generation, cpu, memory_mb, gpu, started_at, ended_at)
      SELECT 'many' || i, 'many' || i, 'many', 1, 1, 1024, 0, '2026-03-05', '2026-03-05'::timestamptz + i % 7 * interval '1 minute'
      FROM generate_series(1, 14000) AS i`);
    const all = await fetch(`${url}/api/v1/usage.csv?scope=all&from=2026-03-05&to=2026-03-05`, {
      headers: { who: ROOT },
    });
    const ids = (await all.text())
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[3]);
    // Each seventh of them lasted no time at all.
    expect([ids.length, new Set(ids).size]).toEqual([12_000, 12_000]);
  });
});
