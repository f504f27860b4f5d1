import { createSession, createToken, deleteToken, getMe, listSessions, updateUser } from '@davit/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { request } from 'node:http';
import { cookieOf, PASSWORD, startAccounts, TestClient, type AccountsHarness } from '../../../test/apiHarness.ts';
import type { Actor } from '../../platform/auth.ts';
import { Bus } from '../../platform/bus.ts';
import type { Credential } from '../../platform/credential.ts';
import { Authenticator } from './authenticator.ts';
import { SessionCookie } from './cookies.ts';

describe('authenticate', () => {
  let hub: AccountsHarness;
  let admin: TestClient;
  beforeAll(async () => {
    hub = await startAccounts();
    admin = (await hub.person('root')).client;
  });
  afterAll(() => hub.close());

  const nameOf = async (headers: NodeJS.Dict<string | string[]>) => (await hub.sessions.authenticate(headers))?.name;
  const secret = async (name: string) =>
    cookieOf(await hub.anonymous.call(createSession, { body: { name, password: PASSWORD } })).split('=')[1]!;

  it('knows the cookie among others, garbage and duplicates', async () => {
    await hub.person('cookies');
    const own = `${hub.sessions.cookieName}=${await secret('cookies')}`;
    const accepted = [
      own,
      ` ${own} `,
      `a=b; ${own}; c="d;e"; =; ;;`,
      `${hub.sessions.cookieName}=; ${own}`,
      `${hub.sessions.cookieName}=${'x'.repeat(43)}; ${own}`,
      `${hub.sessions.cookieName}=%E0%A4%A; ${own}`,
    ];
    for (const cookie of accepted) expect([cookie, await nameOf({ cookie })]).toEqual([cookie, 'cookies']);
    expect(await nameOf({ cookie: ['a=b', own] })).toBe('cookies');
    const refused = [
      '',
      own.replace('__Host-', ''),
      own.replace('__Host-', '__host-'),
      `x${own}`,
      `${own}x`,
      hub.sessions.cookieName,
      `${hub.sessions.cookieName}="${own.split('=')[1]!}`,
      Array.from({ length: 2000 }, (_, n) => `${hub.sessions.cookieName}=${String(n).padStart(43, '0')}`).join(';'),
    ];
    for (const cookie of refused) expect([cookie, await nameOf({ cookie })]).toEqual([cookie, undefined]);
    expect(await nameOf({})).toBeUndefined();
  });

  it('takes a bearer token of ours before the cookie, and leaves foreign Authorization alone', async () => {
    const { client } = await hub.person('bearer');
    const { token } = (await client.call(createToken, { body: { name: 't' } })).body;
    const cookie = admin.headers['cookie'];
    expect(await nameOf({ cookie, authorization: `Bearer ${token}` })).toBe('bearer');
    expect(await nameOf({ authorization: `bearer   ${token} ` })).toBe('bearer');
    expect(await nameOf({ cookie, authorization: `Bearer davit_${'x'.repeat(43)}` })).toBeUndefined();
    expect(await nameOf({ cookie, authorization: `Bearer davit_` })).toBeUndefined();
    expect(await nameOf({ cookie, authorization: `Bearer ${token} ${token}` })).toBeUndefined();
    expect(await nameOf({ cookie, authorization: 'Bearer something-of-an-app' })).toBe('root');
    expect(await nameOf({ cookie, authorization: 'Basic cm9vdDpyb290' })).toBe('root');
    expect(await nameOf({ authorization: `Basic ${token}` })).toBeUndefined();
    expect(await nameOf({ cookie: `${hub.sessions.cookieName}=${token}` })).toBeUndefined();
  });

  it('survives bytes that are no text in the headers', async () => {
    const status = await new Promise((resolve, reject) => {
      const cookie = Buffer.from([0x61, 0x3d, 0xff, 0xfe, 0x3b, 0x80]).toString('latin1');
      request(`${hub.url}/api/v1/me`, { headers: { cookie, authorization: `Bearer davit_\u00ff` } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });

  it('resolves what was derived from a session or token as long as that lives', async () => {
    const { id, client } = await hub.person('derived');
    const session = (await client.call(listSessions, {})).body.items[0]!.id;
    const token = (await client.call(createToken, { body: { name: 't', scopes: ['servers'] } })).body.id;
    expect(await hub.sessions.actorOf({ kind: 'session', id: session })).toMatchObject({ userId: id, role: 'user' });
    const actor = await hub.sessions.actorOf({ kind: 'token', id: token });
    expect([...actor!.scopes]).toEqual(['servers']);
    expect(await hub.sessions.actorOf({ kind: 'token', id: session })).toBeUndefined();
    await client.call(deleteToken, { params: { id: token } });
    expect(await hub.sessions.actorOf({ kind: 'token', id: token })).toBeUndefined();
    await admin.call(updateUser, { params: { id }, body: { active: false } });
    expect(await hub.sessions.actorOf({ kind: 'session', id: session })).toBeUndefined();
  });

  it('sees within five seconds what another hub changed in the database', async () => {
    const { id, client } = await hub.person('elsewhere');
    expect((await client.call(getMe, {})).status).toBe(200);
    await hub.db.query('UPDATE users SET active = false WHERE id = $id', { bind: { id } });
    hub.clock.advance(5000);
    expect((await client.call(getMe, {})).status).toBe(401);
  });

  it('lets nobody without a credential at anything but the public routes', async () => {
    for (const path of ['me', 'sessions', 'tokens', 'users', 'groups', 'settings', 'people?name=root']) {
      expect([path, (await hub.anonymous.send('GET', `/api/v1/${path}`)).status]).toEqual([path, 401]);
    }
    expect((await hub.anonymous.send('GET', '/api/v1/info')).status).toBe(200);
  });
});

describe('on plain http to a public name', () => {
  it('the cookie has neither prefix nor Secure, which browsers would drop', async () => {
    const hub = await startAccounts({ insecureHttp: true });
    const answer = await hub.anonymous.call(createSession, { body: { name: 'root', password: PASSWORD } });
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(new RegExp(`^davit-${hub.instanceId}=`));
    expect(cookie).not.toContain('Secure');
    const client = new TestClient(hub.url, { cookie: cookieOf(answer) });
    expect((await client.call(getMe, {})).status).toBe(200);
    await hub.close();
  });
});

describe('the memory of the authenticator', () => {
  const cookie = new SessionCookie('instance', false);
  const header = { cookie: `${cookie.name}=${'s'.repeat(43)}` };
  const actor: Actor = {
    userId: 'person',
    name: 'person',
    role: 'user',
    scopes: new Set(),
    via: { kind: 'session', id: 'session' },
  };
  const bus = new Bus();
  let now = 0;
  let answer: () => Promise<Credential | undefined>;
  const find = jest.fn(() => answer());
  const authenticator = new Authenticator({
    sources: { session: { find }, token: { find } },
    cookie,
    clock: { now: () => new Date(now) },
    bus,
  });
  afterEach(() => {
    now += 100_000;
    find.mockClear();
  });

  it('asks once for requests that come together, and again after five seconds', async () => {
    answer = () => Promise.resolve({ actor, expiresAt: undefined });
    await Promise.all(Array.from({ length: 20 }, () => authenticator.authenticate(header)));
    now += 4999;
    await authenticator.authenticate(header);
    expect(find).toHaveBeenCalledTimes(1);
    now += 1;
    await authenticator.authenticate(header);
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('does not outlive the credential', async () => {
    answer = () => Promise.resolve({ actor, expiresAt: new Date(now + 1000) });
    expect(await authenticator.authenticate(header)).toBe(actor);
    now += 1000;
    answer = () => Promise.resolve(undefined);
    expect(await authenticator.authenticate(header)).toBeUndefined();
  });

  it.each([
    ['session', 'session', true],
    ['user', 'person', true],
    ['session', 'other', false],
    ['server', 'session', false],
  ] as const)('after an event of %s %s forgets: %s', async (type, id, forgets) => {
    answer = () => Promise.resolve({ actor, expiresAt: undefined });
    await authenticator.authenticate(header);
    bus.emit({ type, id, version: 1 }, {});
    await authenticator.authenticate(header);
    expect(find).toHaveBeenCalledTimes(forgets ? 2 : 1);
  });

  it('does not keep an answer that was on its way when the session ended', async () => {
    let arrive: (credential: Credential) => void = () => undefined;
    answer = () => new Promise((resolve) => (arrive = resolve));
    const early = authenticator.authenticate(header);
    bus.emit({ type: 'session', id: 'session', version: 1 }, {});
    arrive({ actor, expiresAt: undefined });
    await early;
    answer = () => Promise.resolve(undefined);
    expect(await authenticator.authenticate(header)).toBeUndefined();
  });

  it('keeps neither refusals nor failures', async () => {
    answer = () => Promise.resolve(undefined);
    expect(await authenticator.authenticate(header)).toBeUndefined();
    answer = () => Promise.reject(new Error('database is away'));
    await expect(authenticator.authenticate(header)).rejects.toThrow('database is away');
    answer = () => Promise.resolve({ actor, expiresAt: undefined });
    expect(await authenticator.authenticate(header)).toBe(actor);
  });

  it('stops listening when disposed', async () => {
    answer = () => Promise.resolve({ actor, expiresAt: undefined });
    authenticator.dispose();
    await authenticator.authenticate(header);
    bus.emit({ type: 'session', id: 'session', version: 1 }, {});
    await authenticator.authenticate(header);
    expect(find).toHaveBeenCalledTimes(1);
  });
});
