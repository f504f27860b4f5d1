import {
  createToken,
  createUser,
  deleteToken,
  getMe,
  listTokens,
  listUsers,
  updateUser,
  type CreateToken,
  type Scope,
} from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QueryTypes } from 'sequelize';
import { startAccounts, TestClient, type AccountsHarness } from '../../../test/apiHarness.ts';

const DAY = 86_400_000;

let hub: AccountsHarness;
let admin: TestClient;
beforeAll(async () => {
  hub = await startAccounts();
  admin = (await hub.person('root')).client;
});
afterAll(() => hub.close());

const bearer = (token: string) => new TestClient(hub.url, { authorization: `Bearer ${token}` });
const statusOfMe = async (client: TestClient) => (await client.call(getMe, {})).status;

async function tokenOf(client: TestClient, input: Partial<CreateToken> = {}) {
  const answer = await client.call(createToken, { body: { name: 'token', ...input } });
  expect(answer.status).toBe(201);
  return answer.body;
}

describe('POST /api/v1/tokens', () => {
  it('creates a token whose text works, is shown once and is kept as a hash', async () => {
    const { client } = await hub.person('maker');
    const created = await tokenOf(client, { name: '  laptop ', scopes: ['read', 'read', 'servers'] });
    expect(created).toMatchObject({ name: 'laptop', scopes: ['read', 'servers'], lastUsedAt: null });
    expect(created.token).toMatch(/^davit_[A-Za-z0-9_-]{43}$/);
    expect((await bearer(created.token).call(getMe, {})).body).toMatchObject({
      user: { name: 'maker' },
      scopes: ['read', 'servers'],
    });
    expect(JSON.stringify((await client.call(listTokens, { query: {} })).body)).not.toContain(created.token);
    const rows = await hub.db.query('SELECT * FROM tokens', { type: QueryTypes.SELECT });
    expect(JSON.stringify(rows)).not.toContain(created.token);
  });

  it.each([
    [{}, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 'a\u0000' }, 'name'],
    [{ name: 'x', scopes: [] }, 'scopes'],
    [{ name: 'x', scopes: ['root'] }, 'scopes.0'],
    [{ name: 'x', expiresInDays: 0 }, 'expiresInDays'],
    [{ name: 'x', expiresInDays: 'never' }, 'expiresInDays'],
  ])('refuses %j and names %s', async (body, field) => {
    const answer = await admin.send('POST', '/api/v1/tokens', body);
    expect([answer.status, answer.fields]).toEqual([400, [field]]);
  });

  it('gives the scope admin to admins only', async () => {
    const { client } = await hub.person('climber', 'teacher');
    const answer = await client.call(createToken, { body: { name: 'x', scopes: ['read', 'admin'] } });
    expect([answer.status, answer.fields]).toEqual([403, ['scopes']]);
    const { token } = await tokenOf(admin, { scopes: ['admin'] });
    expect((await bearer(token).call(listUsers, { query: {} })).status).toBe(200);
  });

  it('cannot be done with a token, whatever its scopes', async () => {
    const scopes: Scope[] = ['read', 'servers', 'account', 'admin'];
    const { token } = await tokenOf(admin, { scopes });
    expect((await bearer(token).call(createToken, { body: { name: 'child' } })).status).toBe(403);
  });

  it('gives 100 to a person at once, however many ask for the last; expired ones do not count', async () => {
    const { client, id } = await hub.person('collector');
    const insert = (prefix: string, count: number, expiresAt: Date | null) =>
      hub.db.query(
        `INSERT INTO tokens (id, secret_hash, user_id, name, scopes, created_at, expires_at)
         SELECT token, token, $id, 'old', '["read"]', now(), $expiresAt
         FROM generate_series(1, $count::int) AS n, concat($prefix::text, lpad(n::text, 8, '0')) AS token`,
        { bind: { prefix, id, count, expiresAt } },
      );
    await insert('good', 98, null);
    await insert('over', 50, hub.clock.now());
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => client.call(createToken, { body: { name: 'one more' } })),
    );
    expect(asked.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    expect(asked.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'conflict',
      detail: 'You have 100 API tokens already, and no more are possible. Revoke those that you do not use.',
    });
    await client.call(deleteToken, { params: { id: 'good00000001' } });
    expect((await client.call(createToken, { body: { name: 'in its place' } })).status).toBe(201);
  });

  it('is refused to a session that ended a moment ago', async () => {
    const { client, id } = await hub.person('late');
    const actor = (await hub.sessions.authenticate(client.headers))!;
    await admin.call(updateUser, { params: { id }, body: { password: 'a new password' } });
    const input: CreateToken = { name: 'late', scopes: ['read'], expiresInDays: null };
    await expect(hub.tokens.service.create(actor, input)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('a token', () => {
  it.each([
    ['read', [200, 403, 403]],
    ['account', [403, 204, 403]],
    ['admin', [403, 403, 201]],
  ] as const)('of scope %s does only what that covers', async (scope, expected) => {
    const { token } = await tokenOf(admin, { scopes: [scope] });
    const victim = await tokenOf(admin);
    const client = bearer(token);
    const answers = [
      await client.call(getMe, {}),
      await client.call(deleteToken, { params: { id: victim.id } }),
      await client.call(createUser, { body: { name: `by-${scope}` } }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual(expected);
  });

  it('loses the rights that its person loses', async () => {
    const { client, id } = await hub.person('former', 'admin');
    const { token } = await tokenOf(client, { scopes: ['read', 'admin'] });
    expect((await bearer(token).call(listUsers, { query: {} })).status).toBe(200);
    await admin.call(updateUser, { params: { id }, body: { role: 'user' } });
    expect((await bearer(token).call(listUsers, { query: {} })).status).toBe(403);
    expect((await bearer(token).call(getMe, {})).body.scopes).toEqual(['read']);
  });

  it('is refused at once after it was revoked; somebody else cannot revoke it', async () => {
    const { client } = await hub.person('revoker');
    const { client: stranger } = await hub.person('stranger');
    const { id, token } = await tokenOf(client);
    expect(await statusOfMe(bearer(token))).toBe(200);
    expect((await stranger.call(deleteToken, { params: { id } })).status).toBe(404);
    expect(await statusOfMe(bearer(token))).toBe(200);
    const before = hub.messages.length;
    expect((await client.call(deleteToken, { params: { id } })).status).toBe(204);
    expect(await statusOfMe(bearer(token))).toBe(401);
    expect(hub.messages.slice(before)).toMatchObject([{ event: { type: 'token', id } }]);
    expect((await client.send('DELETE', '/api/v1/tokens/x')).fields).toEqual(['id']);
  });

  it('is refused after its last day and then cleaned up; one without an end stays', async () => {
    const own = await startAccounts();
    const { client } = await own.person('root');
    const create = (expiresInDays: number | null) =>
      client.call(createToken, { body: { name: 'x', expiresInDays } }).then(({ body }) => body);
    const [short, endless] = [await create(3), await create(null)];
    const status = (token: string) => statusOfMe(new TestClient(own.url, { authorization: `Bearer ${token}` }));
    expect(new Date(short.expiresAt!).getTime() - own.clock.now().getTime()).toBe(3 * DAY);
    own.clock.advance(3 * DAY - 1000);
    expect([await status(short.token), await status(endless.token)]).toEqual([200, 200]);
    own.clock.advance(1000);
    expect([await status(short.token), await status(endless.token)]).toEqual([401, 200]);
    await own.sessions.cleanUp(own.clock.now());
    expect(await own.db.query('SELECT id FROM tokens', { type: QueryTypes.SELECT })).toEqual([{ id: endless.id }]);
    await own.close();
  });

  it('tells when it was used, to the minute', async () => {
    const own = await startAccounts();
    const { client } = await own.person('root');
    const { token } = (await client.call(createToken, { body: { name: 'x' } })).body;
    const user = new TestClient(own.url, { authorization: `Bearer ${token}` });
    const lastUsed = async () => {
      await user.call(getMe, {});
      return new Date((await client.call(listTokens, { query: {} })).body.items[0]!.lastUsedAt!).getTime();
    };
    const first = await lastUsed();
    own.clock.advance(59_000);
    expect(await lastUsed()).toBe(first);
    // Answers are remembered for five seconds, which delays the note.
    own.clock.advance(6000);
    expect(await lastUsed()).toBe(first + 65_000);
    await own.close();
  });
});

describe('GET /api/v1/tokens', () => {
  it('pages the own ones, newest first, also those made in the same moment', async () => {
    const { client } = await hub.person('pager');
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      made.push((await tokenOf(client, { name: `t${n}` })).id);
      if (n % 3 === 0) hub.clock.advance(1);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await client.call(listTokens, { query: { limit: 2, cursor } });
      seen.push(...body.items.map((token) => token.id));
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect([...seen].sort()).toEqual([...made].sort());
    expect(seen[6]).toBe(made[0]);
  });

  it.each(['garbage', Buffer.from('["x","y"]').toString('base64url'), Buffer.from('[1]').toString('base64url')])(
    'refuses the cursor %s',
    async (cursor) => {
      const answer = await admin.call(listTokens, { query: { cursor } });
      expect([answer.status, answer.fields]).toEqual([400, ['cursor']]);
    },
  );
});
