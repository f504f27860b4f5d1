import {
  createPasswordLink,
  createSession,
  createToken,
  createUser,
  deleteUser,
  findPerson,
  getMe,
  getUser,
  listUsers,
  updateUser,
  type User,
} from '@davit/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PASSWORD, startAccounts, TestClient, type AccountsHarness } from '../../../test/apiHarness.ts';

let hub: AccountsHarness;
let admin: TestClient;
let deleted: string[];
beforeAll(async () => {
  deleted = [];
  hub = await startAccounts({
    onDeleted: [
      (userId) => {
        deleted.push(userId);
        return Promise.resolve();
      },
    ],
  });
  admin = (await hub.person('root')).client;
});
afterAll(() => hub.close());

const statusOfMe = async (client: TestClient) => (await client.call(getMe, {})).status;
const signIn = async (name: string, password = PASSWORD) =>
  (await hub.anonymous.call(createSession, { body: { name, password } })).status;

describe('who may', () => {
  it.each([
    ['GET', '/api/v1/users', undefined],
    ['POST', '/api/v1/users', { name: 'x' }],
    ['POST', '/api/v1/users/import', { csv: 'name\nx' }],
    ['GET', '/api/v1/users/aaaaaaaaaaaa', undefined],
    ['PATCH', '/api/v1/users/aaaaaaaaaaaa', { role: 'admin' }],
    ['DELETE', '/api/v1/users/aaaaaaaaaaaa', undefined],
    ['POST', '/api/v1/users/aaaaaaaaaaaa/password-link', undefined],
  ])('%s %s: admins only', async (method, path, body) => {
    const name = `t${Math.random().toString(36).slice(2)}`;
    const { client: teacher } = await hub.person(name, 'teacher');
    expect((await hub.anonymous.send(method, path, body)).status).toBe(401);
    expect((await teacher.send(method, path, body)).status).toBe(403);
    expect((await admin.send(method, path, body)).status).not.toBe(403);
  });

  it('an admin’s token only with the scope admin', async () => {
    const body = { name: 'weak', scopes: ['read', 'account', 'servers'] as const };
    const { token } = (await admin.call(createToken, { body: { ...body, scopes: [...body.scopes] } })).body;
    const weak = new TestClient(hub.url, { authorization: `Bearer ${token}` });
    expect((await weak.call(listUsers, { query: {} })).status).toBe(403);
  });
});

describe('POST /api/v1/users', () => {
  it('creates a person who signs in with the given password', async () => {
    const body = { name: 'Ada.L', password: PASSWORD, displayName: 'Ada', role: 'teacher', quota: { gpu: 2 } } as const;
    const answer = await admin.call(createUser, { body });
    expect(answer.body).toMatchObject({ name: 'Ada.L', displayName: 'Ada', role: 'teacher', quota: { gpu: 2 } });
    expect(answer.body).toMatchObject({ active: true, hasPassword: true, lastSeenAt: null });
    expect(answer.body.passwordLink).toBeUndefined();
    expect(await signIn('ada.l')).toBe(201);
  });

  it('answers with a one-time link when no password is given', async () => {
    const { body } = await admin.call(createUser, { body: { name: 'linked' } });
    expect(body.hasPassword).toBe(false);
    expect(body.passwordLink).toMatch(/^http:\/\/localhost:8000\/link#[A-Za-z0-9_-]{43}$/);
  });

  it('gives a name to one of 50 who ask at once, whatever the case', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        admin.call(createUser, { body: { name: n % 2 === 0 ? 'Unique' : 'uNIQUE' } }),
      ),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    const refused = answers.filter((answer) => answer.status === 409);
    expect(refused).toHaveLength(49);
    expect(new Set(refused.flatMap((answer) => answer.fields))).toEqual(new Set(['name']));
  });

  it.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'with space' }, 'name'],
    [{ name: '-dash-first' }, 'name'],
    [{ name: 'ok', password: 'short' }, 'password'],
    [{ name: 'ok', role: 'king' }, 'role'],
    [{ name: 'ok', displayName: 'a\u0000b' }, 'displayName'],
    [{ name: 'ok', quota: { cpu: -1 } }, 'quota.cpu'],
    [{ name: 'ok', quota: { gpu: 1.5 } }, 'quota.gpu'],
    [{ name: 'ok', quota: { memory: 1 } }, 'quota.memory'],
  ])('refuses %j and names %s', async (body, field) => {
    const answer = await admin.send('POST', '/api/v1/users', body);
    expect([answer.status, ...new Set(answer.fields)]).toEqual([400, field]);
  });
});

describe('GET /api/v1/users', () => {
  let own: AccountsHarness;
  let client: TestClient;
  beforeAll(async () => {
    own = await startAccounts();
    client = (await own.person('root')).client;
    for (const name of ['Bert', 'anna', 'Carla', 'dieter']) await client.call(createUser, { body: { name } });
    await client.call(createUser, { body: { name: 'zoe', displayName: '100% Zo_e', role: 'teacher', active: false } });
  });
  afterAll(() => own.close());
  const names = (users: User[]) => users.map((user) => user.name);

  it('pages by name without regard to case, each person once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await client.call(listUsers, { query: { limit: 2, cursor } });
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...names(body.items));
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['anna', 'Bert', 'Carla', 'dieter', 'root', 'zoe']);
  });

  it('goes by when people were last seen too, and backwards, page by page', async () => {
    await own.db.query(`UPDATE users SET last_seen_at = CASE lower(name) WHEN 'bert' THEN timestamptz '2030-01-02'
      WHEN 'carla' THEN timestamptz '2030-01-01' WHEN 'dieter' THEN timestamptz '2030-01-02' END`);
    const all = async (sort: string): Promise<string[]> => {
      const seen: string[] = [];
      let cursor = '';
      do {
        const answer = await client.send('GET', `/api/v1/users?limit=2&sort=${sort}${cursor}`);
        const { items, nextCursor } = answer.body as { items: User[]; nextCursor: string | null };
        seen.push(...names(items));
        cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
      } while (cursor !== '');
      return seen.filter((name) => name !== 'root');
    };
    expect(await all('-name')).toEqual(['zoe', 'dieter', 'Carla', 'Bert', 'anna']);
    expect(await all('lastSeen')).toEqual(['anna', 'zoe', 'Carla', 'Bert', 'dieter']);
    expect(await all('-lastSeen')).toEqual(['dieter', 'Bert', 'Carla', 'zoe', 'anna']);
  });

  it.each([
    ['search=AN', ['anna']],
    ['search=%25', ['zoe']],
    ['search=_', ['zoe']],
    ['search=0%25%20zo', ['zoe']],
    ['role=teacher', ['zoe']],
    ['active=false', ['zoe']],
    ['active=true&search=e', ['Bert', 'dieter']],
    ['search=nothing-like-it', []],
  ])('filters by %s', async (query, expected) => {
    const { body } = await client.send('GET', `/api/v1/users?${query}`);
    expect(names((body as { items: User[] }).items)).toEqual(expected);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['role=king', 'role'],
    ['active=perhaps', 'active'],
    ['sort=password', 'sort'],
    ['cursor=garbage', 'cursor'],
    ['search=%00', 'search'],
  ])('refuses %s', async (query, field) => {
    const answer = await client.send('GET', `/api/v1/users?${query}`);
    expect([answer.status, answer.fields]).toEqual([400, [field]]);
  });

  it('takes a forged cursor for what it is, not for SQL', async () => {
    const cursor = Buffer.from(JSON.stringify([0, "' OR true --"])).toString('base64url');
    expect((await client.call(listUsers, { query: { cursor } })).status).toBe(200);
    const number = Buffer.from('[0, 7]').toString('base64url');
    expect((await client.call(listUsers, { query: { cursor: number } })).status).toBe(200);
    const text = Buffer.from('["now", "a"]').toString('base64url');
    expect((await client.call(listUsers, { query: { cursor: text } })).fields).toEqual(['cursor']);
  });
});

describe('PATCH /api/v1/users/{id}', () => {
  it('changes what is given and leaves the rest', async () => {
    const { id } = await hub.person('patched');
    const before = hub.messages.length;
    const changes = { displayName: 'New', role: 'teacher', quota: { servers: 9 }, name: 'Patched2' } as const;
    const { body } = await admin.call(updateUser, { params: { id }, body: changes });
    expect(body).toMatchObject({ id, ...changes, active: true, hasPassword: true });
    expect((await admin.call(getUser, { params: { id } })).body).toEqual(body);
    expect(hub.messages.slice(before)).toMatchObject([{ event: { type: 'user', id }, audience: { userIds: [id] } }]);
    expect(await signIn('patched2')).toBe(201);
  });

  it('takes a new role into account on the spot', async () => {
    const { id, client } = await hub.person('promoted');
    expect((await client.call(listUsers, { query: {} })).status).toBe(403);
    await admin.call(updateUser, { params: { id }, body: { role: 'admin' } });
    expect((await client.call(listUsers, { query: {} })).status).toBe(200);
    await admin.call(updateUser, { params: { id }, body: { role: 'user' } });
    expect((await client.call(listUsers, { query: {} })).status).toBe(403);
  });

  it.each([
    ['deactivation', { active: false }],
    ['a new password', { password: 'given by an admin' }],
  ])('%s ends sessions and tokens at once and tells of each', async (_, change) => {
    const name = `ends${Object.keys(change)[0]}`;
    const { id, client } = await hub.person(name);
    const { token, id: tokenId } = (await client.call(createToken, { body: { name: 'mine' } })).body;
    const bearer = new TestClient(hub.url, { authorization: `Bearer ${token}` });
    expect([await statusOfMe(client), await statusOfMe(bearer)]).toEqual([200, 200]);
    const before = hub.messages.length;
    await admin.call(updateUser, { params: { id }, body: change });
    expect([await statusOfMe(client), await statusOfMe(bearer)]).toEqual([401, 401]);
    const told = hub.messages.slice(before).map(({ event }) => event);
    expect(told.map((event) => event.type)).toEqual(['session', 'token', 'user']);
    expect(told[1]).toMatchObject({ id: tokenId });
    await admin.call(updateUser, { params: { id }, body: { active: true } });
    expect([await statusOfMe(client), await statusOfMe(bearer)]).toEqual([401, 401]);
  });

  it('refuses a name that somebody else has, and takes the own one in another case', async () => {
    await hub.person('taken');
    const { id } = await hub.person('renamer');
    const taken = await admin.call(updateUser, { params: { id }, body: { name: 'TAKEN' } });
    expect([taken.status, taken.fields]).toEqual([409, ['name']]);
    expect((await admin.call(updateUser, { params: { id }, body: { name: 'Renamer' } })).body.name).toBe('Renamer');
  });

  it.each([
    [{ rol: 'admin' }, 'rol'],
    [{ active: 'no' }, 'active'],
    [{ quota: { memoryMb: 'much' } }, 'quota.memoryMb'],
    [{ quota: { memory: 1 } }, 'quota.memory'],
  ])('refuses %j and names %s', async (body, field) => {
    const { id } = (await admin.call(findPerson, { query: { name: 'root' } })).body;
    const answer = await admin.send('PATCH', `/api/v1/users/${id}`, body);
    expect([answer.status, answer.fields]).toEqual([400, [field]]);
  });

  it('answers 404 for nobody and 400 for no id', async () => {
    expect((await admin.call(updateUser, { params: { id: 'a'.repeat(12) }, body: {} })).status).toBe(404);
    expect((await admin.send('PATCH', '/api/v1/users/1', {})).fields).toEqual(['id']);
  });
});

describe('DELETE /api/v1/users/{id}', () => {
  it('is soft: the person is gone for everybody, the row and its id stay, the name is free', async () => {
    const { id, client } = await hub.person('leaving');
    expect((await admin.call(deleteUser, { params: { id } })).status).toBe(204);
    expect(deleted).toContain(id);
    expect(await statusOfMe(client)).toBe(401);
    expect(await signIn('leaving')).toBe(401);
    expect((await admin.call(getUser, { params: { id } })).status).toBe(404);
    expect((await admin.call(deleteUser, { params: { id } })).status).toBe(404);
    expect((await admin.call(updateUser, { params: { id }, body: { active: true } })).status).toBe(404);
    expect((await admin.call(createPasswordLink, { params: { id } })).status).toBe(404);
    expect(await hub.users.people.find(id)).toMatchObject({ name: 'leaving', deleted: true, active: false });
    expect((await hub.person('leaving')).id).not.toBe(id);
  });

  it('keeps the person when a part of the hub cannot let go', async () => {
    const own = await startAccounts({ onDeleted: [() => Promise.reject(new Error('still busy'))] });
    const { client } = await own.person('root');
    const { id, client: person } = await own.person('kept');
    expect((await client.call(deleteUser, { params: { id } })).status).toBe(500);
    expect(await statusOfMe(person)).toBe(200);
    await own.close();
  });
});

describe('the last admin', () => {
  let own: AccountsHarness;
  let root: TestClient;
  let rootId: string;
  beforeEach(async () => {
    own = await startAccounts();
    root = (await own.person('root')).client;
    rootId = (await root.call(findPerson, { query: { name: 'root' } })).body.id;
  });
  afterEach(() => own.close());

  it('cannot be demoted, deactivated or deleted', async () => {
    const params = { id: rootId };
    await own.users.service.create(await actorOf(root), {
      name: 'without-password',
      role: 'admin',
      active: true,
      quota: {},
    });
    const answers = [
      await root.call(updateUser, { params, body: { role: 'user' } }),
      await root.call(updateUser, { params, body: { active: false } }),
      await root.call(deleteUser, { params }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([409, 409, 409]);
    expect((await root.call(getUser, { params })).body).toMatchObject({ role: 'admin', active: true });
  });

  it('can give a password or name to himself', async () => {
    const body = { name: 'boss', displayName: 'The boss' };
    expect((await root.call(updateUser, { params: { id: rootId }, body })).status).toBe(200);
  });

  it.each([
    ['demote', { role: 'user' as const }],
    ['deactivate', { active: false }],
  ])('is left when all admins %s each other at the same time', async (_, body) => {
    const people = await Promise.all(['a', 'b', 'c', 'd'].map((name) => own.person(name, 'admin')));
    const all = [{ id: rootId, client: root }, ...people];
    const answers = await Promise.all(
      all.map(({ client }, n) => client.call(updateUser, { params: { id: all[(n + 1) % all.length]!.id }, body })),
    );
    expect(answers.filter((answer) => answer.status === 409).length).toBeLessThanOrEqual(1);
    expect(await own.users.setup.required()).toBe(false);
  });

  it('is left when two delete each other at the same time', async () => {
    const { id, client } = await own.person('second', 'admin');
    const answers = await Promise.all([
      root.call(deleteUser, { params: { id } }),
      client.call(deleteUser, { params: { id: rootId } }),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409]);
  });

  async function actorOf(client: TestClient) {
    return (await own.sessions.authenticate(client.headers))!;
  }
});

describe('GET /api/v1/people', () => {
  it('finds exact names for teachers and admins only', async () => {
    const { client: teacher } = await hub.person('finder', 'teacher');
    const { client: user, id } = await hub.person('sought');
    const found = await teacher.call(findPerson, { query: { name: 'Sought' } });
    expect(found.body).toEqual({ id, name: 'sought', displayName: '' });
    expect((await teacher.call(findPerson, { query: { name: 'sough' } })).status).toBe(404);
    expect((await user.call(findPerson, { query: { name: 'sought' } })).status).toBe(403);
    expect((await teacher.send('GET', '/api/v1/people')).fields).toEqual(['name']);
  });
});
