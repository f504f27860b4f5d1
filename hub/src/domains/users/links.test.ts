import {
  createPasswordLink,
  createSession,
  createToken,
  createUser,
  getInfo,
  getMe,
  redeemLink,
  register,
  updateSettings,
  updateUser,
} from '@davit/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { QueryTypes } from 'sequelize';
import { cookieOf, PASSWORD, startAccounts, TestClient, type AccountsHarness } from '../../../test/apiHarness.ts';

const DAY = 86_400_000;
const secretOf = (url: string | undefined) => new URL(url!).hash.slice(1);

describe('a person’s one-time link', () => {
  let hub: AccountsHarness;
  let admin: TestClient;
  beforeAll(async () => {
    hub = await startAccounts();
    admin = (await hub.person('root')).client;
  });
  afterAll(() => hub.close());

  const create = async (name: string) => {
    const { body } = await admin.call(createUser, { body: { name } });
    return { id: body.id, link: secretOf(body.passwordLink) };
  };
  const redeem = (link: string, password = PASSWORD) => hub.anonymous.call(redeemLink, { body: { link, password } });

  it('sets the password and signs in, once', async () => {
    const { id, link } = await create('linked');
    const answer = await redeem(link);
    expect(answer.body.user).toMatchObject({ id, hasPassword: true });
    const client = new TestClient(hub.url, { cookie: cookieOf(answer) });
    expect((await client.call(getMe, {})).body.user.name).toBe('linked');
    const again = await redeem(link);
    expect([again.status, again.fields]).toEqual([404, ['link']]);
    expect((await hub.anonymous.call(createSession, { body: { name: 'linked', password: PASSWORD } })).status).toBe(
      201,
    );
  });

  it('has one success when many use it at the same time, and that password holds', async () => {
    const { link } = await create('many');
    const passwords = Array.from({ length: 10 }, (_, n) => `password number ${n}`);
    const answers = await Promise.all(passwords.map((password) => redeem(link, password)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 404)]);
    const password = passwords[answers.findIndex((answer) => answer.status === 201)]!;
    expect((await hub.anonymous.call(createSession, { body: { name: 'many', password } })).status).toBe(201);
  });

  it('ends when a newer one is made, after seven days, and when an admin sets a password', async () => {
    const first = await create('newer');
    const second = await admin.call(createPasswordLink, { params: { id: first.id } });
    expect((await redeem(first.link)).status).toBe(404);
    expect(new Date(second.body.expiresAt).getTime() - hub.clock.now().getTime()).toBe(7 * DAY);
    await admin.call(updateUser, { params: { id: first.id }, body: { password: PASSWORD } });
    expect((await redeem(secretOf(second.body.url))).status).toBe(404);
    const own = await startAccounts();
    const { client } = await own.person('root');
    const { passwordLink } = (await client.call(createUser, { body: { name: 'late' } })).body;
    own.clock.advance(7 * DAY);
    const body = { link: secretOf(passwordLink), password: PASSWORD };
    expect((await own.anonymous.call(redeemLink, { body })).status).toBe(404);
    await own.sessions.cleanUp(own.clock.now());
    expect(await own.db.query('SELECT 1 FROM password_links', { type: QueryTypes.SELECT })).toEqual([]);
    await own.close();
  });

  it('ends what the person was signed in with before', async () => {
    const { id, client } = await hub.person('reset');
    const { token } = (await client.call(createToken, { body: { name: 'old' } })).body;
    const bearer = new TestClient(hub.url, { authorization: `Bearer ${token}` });
    const { url } = (await admin.call(createPasswordLink, { params: { id } })).body;
    expect((await client.call(getMe, {})).status).toBe(200);
    expect((await redeem(secretOf(url), 'a fresh password')).status).toBe(201);
    expect([(await client.call(getMe, {})).status, (await bearer.call(getMe, {})).status]).toEqual([401, 401]);
  });

  it('does not work for an inactive person, and is not used up by the attempt', async () => {
    const { id, link } = await create('sleeping');
    await admin.call(updateUser, { params: { id }, body: { displayName: 'still good' } });
    await hub.db.query('UPDATE users SET active = false WHERE id = $id', { bind: { id } });
    expect((await redeem(link)).status).toBe(404);
    await hub.db.query('UPDATE users SET active = true WHERE id = $id', { bind: { id } });
    expect((await redeem(link)).status).toBe(201);
  });

  it.each([
    [{ link: 'x', password: PASSWORD }, 400, 'link'],
    [{ link: 'x'.repeat(43), password: 'short' }, 400, 'password'],
    [{ link: 'x'.repeat(43), password: PASSWORD }, 404, 'link'],
  ])('refuses %j', async (body, status, field) => {
    const answer = await hub.anonymous.send('POST', '/api/v1/links/redeem', body);
    expect([answer.status, answer.fields]).toEqual([status, [field]]);
  });

  it('is kept as a hash only', async () => {
    const { link } = await create('hashed');
    const rows = await hub.db.query('SELECT * FROM password_links', { type: QueryTypes.SELECT });
    expect(JSON.stringify(rows)).not.toContain(link);
  });
});

describe('the first admin', () => {
  let hub: AccountsHarness;
  beforeEach(async () => {
    hub = await startAccounts();
    await hub.db.query('DELETE FROM sessions');
    await hub.db.query('DELETE FROM users');
    hub.bus.emit({ type: 'user', id: 'root', version: 1 }, {});
  });
  afterEach(() => hub.close());
  const redeem = (link: string, name?: string) =>
    hub.anonymous.call(redeemLink, { body: { link, password: PASSWORD, ...(name === undefined ? {} : { name }) } });
  const setupRequired = async () => (await hub.anonymous.call(getInfo, {})).body.setupRequired;

  it('is made by the setup link, which wants a name and ends all of its kind', async () => {
    const first = secretOf(await hub.users.setup.ensureSetupLink());
    const second = secretOf(await hub.users.setup.ensureSetupLink());
    expect(second).not.toBe(first);
    expect(await setupRequired()).toBe(true);
    const nameless = await redeem(first);
    expect([nameless.status, nameless.fields]).toEqual([400, ['name']]);
    const answer = await redeem(first, 'chief');
    expect(answer.body.user).toMatchObject({ name: 'chief', role: 'admin', hasPassword: true });
    expect(await setupRequired()).toBe(false);
    expect((await redeem(second, 'other')).status).toBe(404);
    expect(await hub.users.setup.ensureSetupLink()).toBeUndefined();
  });

  it('is one, whichever of several links are used at the same time', async () => {
    const links = await Promise.all([1, 2, 3, 4].map(() => hub.users.setup.ensureSetupLink()));
    // Held back until all have worked out their hash and want the table, so that they really meet.
    const held = await hub.db.transaction(async (tx) => {
      await hub.db.query('LOCK TABLE password_links IN EXCLUSIVE MODE', { transaction: tx });
      const redeemed = links.map((link, n) => redeem(secretOf(link), `chief${n}`));
      await wait(1000);
      return { redeemed };
    });
    const answers = await Promise.all(held.redeemed);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 404, 404, 404]);
    const admins = await hub.db.query('SELECT 1 FROM users', { type: QueryTypes.SELECT });
    expect(admins).toHaveLength(1);
  });

  it('is made without a person at boot, by one of several hubs, and never twice', async () => {
    const link = secretOf(await hub.users.setup.ensureSetupLink());
    const made = await Promise.all([1, 2, 3].map(() => hub.users.setup.bootstrapAdmin('chief', PASSWORD)));
    expect(made.sort()).toEqual([false, false, true]);
    expect(await hub.users.setup.bootstrapAdmin('chief', 'another password')).toBe(false);
    expect((await hub.anonymous.call(createSession, { body: { name: 'chief', password: PASSWORD } })).status).toBe(201);
    expect((await redeem(link, 'late')).status).toBe(404);
  });

  it('can be a person who existed without a password', async () => {
    await hub.users.setup.bootstrapAdmin('root', PASSWORD);
    const root = await hub.anonymous.call(createSession, { body: { name: 'root', password: PASSWORD } });
    const client = new TestClient(hub.url, { cookie: cookieOf(root) });
    await client.call(createUser, { body: { name: 'chief', active: false } });
    await hub.db.query(`UPDATE users SET password_hash = NULL WHERE name = 'root'`);
    expect(await hub.users.setup.bootstrapAdmin('Chief', PASSWORD)).toBe(true);
    const answer = await hub.anonymous.call(createSession, { body: { name: 'chief', password: PASSWORD } });
    expect(answer.body.user).toMatchObject({ name: 'chief', role: 'admin', active: true });
  });

  it('needs a name and a password by the usual rules', async () => {
    await expect(hub.users.setup.bootstrapAdmin('a b', 'short')).rejects.toMatchObject({
      code: 'bad-request',
      fields: [{ path: 'name' }, { path: 'password' }],
    });
  });
});

describe('POST /api/v1/registrations', () => {
  let hub: AccountsHarness;
  let admin: TestClient;
  beforeAll(async () => {
    hub = await startAccounts({ limits: { registration: 4 } });
    admin = (await hub.person('root')).client;
  });
  afterAll(() => hub.close());
  const join = (name: string) => hub.anonymous.call(register, { body: { name, password: PASSWORD } });

  it('is refused with words until an admin allows it, then creates an ordinary account and signs in', async () => {
    const refused = await join('newcomer');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('Ask an admin') });
    await admin.call(updateSettings, { body: { selfRegistration: true } });
    const answer = await join('newcomer');
    expect(answer.body.user).toMatchObject({ name: 'newcomer', role: 'user' });
    const client = new TestClient(hub.url, { cookie: cookieOf(answer) });
    expect((await client.call(getMe, {})).status).toBe(200);
    expect((await join('NEWCOMER')).fields).toEqual(['name']);
  });

  it('gives no role that is asked for', async () => {
    const body = { name: 'sneaky', password: PASSWORD, role: 'admin', quota: { gpu: 100 } };
    const answer = await hub.anonymous.send('POST', '/api/v1/registrations', body);
    expect(answer.body).toMatchObject({ user: { role: 'user', quota: {} } });
  });

  it('is limited per address', async () => {
    const statuses = [(await join('third')).status, (await join('fourth')).status, (await join('fifth')).status];
    expect(statuses).toEqual([201, 429, 429]);
  });
});
