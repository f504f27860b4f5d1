import {
  changePassword,
  createSession,
  createToken,
  createUser,
  deleteCurrentSession,
  deleteSession,
  deleteSessions,
  getMe,
  listSessions,
  updateUser,
} from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QueryTypes } from 'sequelize';
import { cookieOf, PASSWORD, startAccounts, TestClient, type AccountsHarness } from '../../../test/apiHarness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let hub: AccountsHarness;
let admin: TestClient;
beforeAll(async () => {
  hub = await startAccounts();
  admin = (await hub.person('root')).client;
});
afterAll(() => hub.close());

/** Signs in once more, as another browser would. */
async function anotherBrowser(name: string, password = PASSWORD): Promise<TestClient> {
  const answer = await hub.anonymous.call(createSession, { body: { name, password } });
  expect(answer.status).toBe(201);
  return new TestClient(hub.url, { cookie: cookieOf(answer) });
}

const noGuard = { check: () => Promise.resolve(), failed: () => Promise.resolve() };
const statusOfMe = async (client: TestClient) => (await client.call(getMe, {})).status;

describe('POST /api/v1/sessions', () => {
  it('signs in with a host-only, secure cookie that scripts cannot read, and keeps only a hash of it', async () => {
    const answer = await hub.anonymous.call(createSession, { body: { name: 'ROOT', password: PASSWORD } });
    expect(answer.body.user).toMatchObject({ name: 'root', role: 'admin', hasPassword: true });
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(new RegExp(`^__Host-davit-${hub.instanceId}=[A-Za-z0-9_-]{43}; `));
    expect(cookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=34560000',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ]);
    const secret = cookieOf(answer).split('=')[1]!;
    const rows = await hub.db.query('SELECT * FROM sessions', { type: QueryTypes.SELECT });
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(answer.body)).not.toContain(secret);
  });

  it('gives one and the same answer for a wrong password, an unknown name, nobody’s password and an inactive person', async () => {
    const { id } = await hub.person('inactive');
    await admin.call(updateUser, { params: { id }, body: { active: false } });
    await admin.call(createUser, { body: { name: 'no-password' } });
    const tries = [
      { name: 'root', password: 'wrong' },
      { name: 'nobody-of-this-name', password: PASSWORD },
      { name: 'no-password', password: PASSWORD },
      { name: 'inactive', password: PASSWORD },
    ];
    const answers = await Promise.all(tries.map((body) => hub.anonymous.call(createSession, { body })));
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 401]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(answers.flatMap((answer) => answer.headers.getSetCookie())).toEqual([]);
  });

  it.each([
    [{ password: 'x' }, 'name'],
    [{ name: 'root' }, 'password'],
    [{ name: 'root\u0000', password: 'x' }, 'name'],
    [{ name: ['root'], password: 'x' }, 'name'],
    [{ name: 'root', password: 'x'.repeat(300) }, 'password'],
  ])('refuses %j and names the field %s', async (body, field) => {
    const answer = await hub.anonymous.send('POST', '/api/v1/sessions', body);
    expect([answer.status, answer.fields]).toEqual([400, [field]]);
  });

  it('takes 50 people who sign in at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        hub.anonymous.call(createSession, { body: { name: 'root', password: PASSWORD } }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 50 }, () => 201));
    expect(new Set(answers.map(cookieOf)).size).toBe(50);
  });

  it('replaces the session that the browser had', async () => {
    const { client } = await hub.person('twice');
    const answer = await client.call(createSession, { body: { name: 'twice', password: PASSWORD } });
    expect(answer.status).toBe(201);
    expect(await statusOfMe(client)).toBe(401);
  });

  it('opens no session from a password that was replaced while it was being checked', async () => {
    const { id } = await hub.person('racer');
    const proven = (await hub.users.accounts.prove('racer', PASSWORD, noGuard))!;
    await admin.call(updateUser, { params: { id }, body: { password: 'another password' } });
    const holds = await hub.db.transaction((tx) => hub.users.accounts.stillProven(proven, tx));
    expect(holds).toBe(false);
  });
});

describe('the limit on guessing', () => {
  let limited: AccountsHarness;
  beforeAll(async () => {
    limited = await startAccounts({ limits: { nameAndAddress: 5, name: 8, address: 12 } });
  });
  afterAll(() => limited.close());
  const guess = (name: string, password = 'wrong') =>
    limited.anonymous.call(createSession, { body: { name, password } }).then((answer) => answer.status);

  it('stops after five wrong passwords, also when all come at once, and then refuses the right one', async () => {
    await limited.person('target');
    const statuses = await Promise.all(Array.from({ length: 30 }, () => guess('Target')));
    const tried = statuses.filter((status) => status === 401).length;
    expect(tried).toBeGreaterThanOrEqual(5);
    expect(tried).toBeLessThanOrEqual(6);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30 - tried);
    expect(await guess('target', PASSWORD)).toBe(429);
  });

  it('lets others sign in from the same address until that has its fill', async () => {
    await limited.person('other');
    expect(await guess('other', PASSWORD)).toBe(201);
    for (let n = 0; n < 8; n += 1) await guess(`unknown-${n}`);
    expect(await guess('other', PASSWORD)).toBe(429);
  });

  it('forgets wrong passwords once the right one came', async () => {
    const roomy = await startAccounts({ limits: { nameAndAddress: 3 } });
    const attempt = (password: string) =>
      roomy.anonymous.call(createSession, { body: { name: 'root', password } }).then((answer) => answer.status);
    for (const password of ['a', 'b', PASSWORD, 'c', 'd']) await attempt(password);
    expect(await attempt(PASSWORD)).toBe(201);
    await roomy.close();
  });
});

describe('a session', () => {
  it('ends after the set hours without use, and moves its end with each use', async () => {
    const own = await startAccounts();
    const { client } = await own.person('worker');
    for (let hours = 0; hours < 400; hours += 100) {
      expect(await statusOfMe(client)).toBe(200);
      own.clock.advance(100 * HOUR);
    }
    own.clock.advance(69 * HOUR);
    expect(await statusOfMe(client)).toBe(401);
    await own.close();
  });

  it('notes its use at most once a minute, for the session and the person', async () => {
    const own = await startAccounts();
    const { client, id } = await own.person('seen');
    const began = own.clock.now();
    const seen = async () => {
      await client.call(getMe, {});
      const user = await own.users.people.find(id);
      const [row] = await own.db.query<{ at: Date; user: Date }>(
        `SELECT s.last_seen_at AS at, u.last_seen_at AS user FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.id = $id`,
        { bind: { id: user!.id }, type: QueryTypes.SELECT },
      );
      return [row!.at.getTime() - began.getTime(), row!.user.getTime() - began.getTime()];
    };
    own.clock.advance(50_000);
    expect(await seen()).toEqual([0, 0]);
    own.clock.advance(20_000);
    expect(await seen()).toEqual([70_000, 70_000]);
    await own.close();
  });

  it('is not used by a quiet look, which tells the truth all the same', async () => {
    const own = await startAccounts();
    const { client } = await own.person('away');
    const { token } = (await client.call(createToken, { body: { name: 't', expiresInDays: null } })).body;
    const { id } = (await client.call(listSessions, {})).body.items[0]!;
    const quiet = { quiet: true };
    const lookups = () =>
      Promise.all([
        own.sessions.authenticate(client.headers, quiet),
        own.sessions.actorOf({ kind: 'session', id }, quiet),
        own.sessions.authenticate({ authorization: `Bearer ${token}` }, quiet),
      ]).then((actors) => actors.map((actor) => actor?.name));
    own.clock.advance(100 * HOUR);
    expect(await lookups()).toEqual(['away', 'away', 'away']);
    const rows = await own.db.query('SELECT last_used_at AS at FROM tokens', { type: QueryTypes.SELECT });
    expect(rows).toEqual([{ at: null }]);
    own.clock.advance(69 * HOUR);
    expect(await lookups()).toEqual([undefined, undefined, 'away']);
    await own.close();
  });

  it('is listed for its person only, with the current one marked', async () => {
    const { client } = await hub.person('lister');
    const other = await anotherBrowser('lister');
    const items = (await other.call(listSessions, {})).body.items;
    expect(items).toHaveLength(2);
    expect(items.filter((session) => session.current)).toHaveLength(1);
    expect((await client.call(listSessions, {})).body.items.find((session) => session.current)!.id).not.toBe(
      items.find((session) => session.current)!.id,
    );
  });

  it('is listed page by page, newest first, and a forged cursor is refused', async () => {
    const { client } = await hub.person('pager');
    for (let n = 0; n < 4; n += 1) await anotherBrowser('pager');
    hub.clock.advance(1000);
    await anotherBrowser('pager');
    const all = (await client.call(listSessions, {})).body;
    expect([all.items.length, all.nextCursor]).toEqual([6, null]);
    expect(all.items.map(({ createdAt }) => createdAt)).toEqual(
      all.items.map(({ createdAt }) => createdAt).toSorted((one, other) => other.localeCompare(one)),
    );
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await client.call(listSessions, { query: { limit: 2, cursor } });
      expect(body.items).toHaveLength(2);
      ids.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(all.items.map(({ id }) => id));
    const forged = await client.send('GET', '/api/v1/sessions?cursor=x');
    expect([forged.status, forged.fields]).toEqual([400, ['cursor']]);
  });

  it('can be ended by its person, at once and for good; another person cannot', async () => {
    const { client } = await hub.person('owner');
    const { client: stranger } = await hub.person('stranger');
    const other = await anotherBrowser('owner');
    expect(await statusOfMe(other)).toBe(200);
    const { id } = (await other.call(listSessions, {})).body.items.find((session) => session.current)!;
    expect((await stranger.call(deleteSession, { params: { id } })).status).toBe(404);
    expect(await statusOfMe(other)).toBe(200);
    const before = hub.messages.length;
    expect((await client.call(deleteSession, { params: { id } })).status).toBe(204);
    expect(await statusOfMe(other)).toBe(401);
    expect(await statusOfMe(client)).toBe(200);
    expect(hub.messages.slice(before)).toMatchObject([{ event: { type: 'session', id } }]);
    expect((await client.call(deleteSession, { params: { id } })).status).toBe(404);
  });

  it('ends by signing out, which also clears the cookie', async () => {
    const { client } = await hub.person('leaver');
    const answer = await client.call(deleteCurrentSession, {});
    expect(answer.headers.getSetCookie()[0]).toMatch(/=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(await statusOfMe(client)).toBe(401);
    expect((await client.call(deleteCurrentSession, {})).status).toBe(401);
  });

  it('ends everywhere when asked to', async () => {
    const { client } = await hub.person('everywhere');
    const other = await anotherBrowser('everywhere');
    expect((await client.call(deleteSessions, {})).status).toBe(204);
    expect([await statusOfMe(client), await statusOfMe(other)]).toEqual([401, 401]);
  });

  it('names a bad id', async () => {
    const answer = await admin.send('DELETE', '/api/v1/sessions/NOT-AN-ID');
    expect([answer.status, answer.fields]).toEqual([400, ['id']]);
  });

  it('pushes out the ones used longest ago above 500', async () => {
    const { id, client } = await hub.person('script');
    await hub.db.query(
      `INSERT INTO sessions (id, secret_hash, user_id, user_agent, created_at, last_seen_at, expires_at)
       SELECT 'filler' || n, 'filler' || n, $id, '', now(), now() + interval '1 minute', now() + interval '1 day'
       FROM generate_series(1, 505) n`,
      { bind: { id } },
    );
    await anotherBrowser('script');
    const [row] = await hub.db.query<{ n: number }>('SELECT count(*)::int AS n FROM sessions WHERE user_id = $id', {
      bind: { id },
      type: QueryTypes.SELECT,
    });
    expect(row!.n).toBe(500);
    expect(await statusOfMe(client)).toBe(401);
  });
});

describe('GET /api/v1/me', () => {
  it('tells who I am, what I may and what of the quota is used', async () => {
    const { client, id } = await hub.person('me');
    await admin.call(updateUser, { params: { id }, body: { quota: { gpu: 7 } } });
    const { body } = await client.call(getMe, {});
    expect(body).toMatchObject({
      user: { id, name: 'me', role: 'user' },
      scopes: ['read', 'servers', 'account'],
      quota: { limit: { servers: 3, cpu: 4, memoryMb: 16_384, gpu: 7 }, used: { servers: 1, cpu: 0.5 } },
    });
    expect((await admin.call(getMe, {})).body.scopes).toContain('admin');
    expect(JSON.stringify(body)).not.toMatch(/argon2|hash/i);
  });
});

describe('PUT /api/v1/me/password', () => {
  it('changes it and ends the other sessions and all tokens, not this session', async () => {
    const { client } = await hub.person('changer');
    const { client: bystander } = await hub.person('bystander');
    const other = await anotherBrowser('changer');
    const tokenOf = async (owner: TestClient) => (await owner.call(createToken, { body: { name: 't' } })).body;
    const [{ id, token }, others] = [await tokenOf(client), await tokenOf(bystander)];
    const bearer = (text: string) => new TestClient(hub.url, { authorization: `Bearer ${text}` });
    expect(await statusOfMe(bearer(token))).toBe(200);
    const before = hub.messages.length;
    const body = { current: PASSWORD, next: 'a better password' };
    expect((await client.call(changePassword, { body })).status).toBe(204);
    expect([await statusOfMe(client), await statusOfMe(other)]).toEqual([200, 401]);
    expect([await statusOfMe(bearer(token)), await statusOfMe(bearer(others.token))]).toEqual([401, 200]);
    const told = hub.messages.slice(before).map(({ event }) => event);
    expect(told).toContainEqual(expect.objectContaining({ type: 'token', id }));
    await anotherBrowser('changer', 'a better password');
  });

  it('wants the current one and names the field; guesses count', async () => {
    const { client } = await hub.person('guessed');
    const wrong = { current: 'not it', next: 'a better password' };
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await client.call(changePassword, { body: wrong })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429, 429]);
    const short = await client.send('PUT', '/api/v1/me/password', { current: PASSWORD, next: 'short' });
    expect([short.status, short.fields]).toEqual([400, ['next']]);
  });

  it('lets one of two changes at the same time win', async () => {
    const { client } = await hub.person('both');
    const answers = await Promise.all(
      ['first password', 'second password'].map((next) =>
        client.call(changePassword, { body: { current: PASSWORD, next } }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409]);
  });
});

describe('cleanUp', () => {
  it('deletes what is over and leaves the rest', async () => {
    const own = await startAccounts();
    const { client } = await own.person('stays');
    await own.person('goes');
    own.clock.advance(100 * HOUR);
    await client.call(getMe, {});
    own.clock.advance(100 * HOUR);
    await own.sessions.cleanUp(own.clock.now());
    const rows = await own.db.query('SELECT u.name FROM sessions s JOIN users u ON u.id = s.user_id', {
      type: QueryTypes.SELECT,
    });
    expect(rows).toEqual([{ name: 'stays' }]);
    expect(await statusOfMe(client)).toBe(200);
    await own.close();
  });
});
