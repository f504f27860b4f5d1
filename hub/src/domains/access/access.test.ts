import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../../test/database.ts';
import type { Actor } from '../../platform/auth.ts';
import { Bus } from '../../platform/bus.ts';
import type { Database } from '../../platform/db.ts';
import { createAccessDomain, createOrigins, type AccessService } from './index.ts';

const SERVER = 'aaaaaaaaaaaa';
const OTHER_SERVER = 'bbbbbbbbbbbb';
const via = { kind: 'session', id: 'sess00000001' } as const;
const ada: Actor = {
  userId: 'user00000ada',
  name: 'ada',
  role: 'user',
  scopes: new Set(['read', 'servers', 'account']),
  via,
};
const origins = createOrigins({
  publicUrl: new URL('http://localhost:8000'),
  serverUrl: 'http://s-{id}.localhost:8000',
  insecureHttp: false,
  instanceId: 'inst',
});

let db: Database;
let drop: () => Promise<void>;
let bus: Bus;
let now: Date;
let actors: Map<string, Actor>;
let lookups: number;
let quietLookups: number;
let broken: boolean;
let service: AccessService;
let dispose: () => void;

beforeAll(async () => {
  ({ db, drop } = await createTestDatabase());
});
afterAll(() => drop());

beforeEach(() => {
  bus = new Bus();
  now = new Date('2030-01-01T00:00:00Z');
  actors = new Map([[via.id, ada]]);
  lookups = 0;
  quietLookups = 0;
  broken = false;
  ({ service, dispose } = createAccessDomain({
    db,
    bus,
    clock: { now: () => now },
    origins,
    findActor: async (credential, how) => {
      lookups += 1;
      if (how?.quiet === true) quietLookups += 1;
      if (broken) throw new Error('the database is away');
      return Promise.resolve(actors.get(credential.id));
    },
  }));
});
afterEach(() => dispose());

function later(ms: number): void {
  now = new Date(now.getTime() + ms);
}

async function codeFor(path = '/jupyterlab/'): Promise<string> {
  const url = new URL(await service.issueLink(ada, { serverId: SERVER, path }));
  return url.searchParams.get('code')!;
}

async function signIn(): Promise<string> {
  const login = await service.redeem(await codeFor(), SERVER);
  return /=([^;]+);/.exec(login!.setCookie)![1]!;
}

function count(table: string): Promise<unknown> {
  return db.query(`SELECT count(*)::int AS n FROM ${table}`).then(([rows]) => rows);
}

describe('links', () => {
  it('lead to the server and stand there for its cookie and the path, which is not in the address', async () => {
    const url = await service.issueLink(ada, { serverId: SERVER, path: '/port/3000/?q=1' });
    expect(url).toMatch(/^http:\/\/s-aaaaaaaaaaaa\.localhost:8000\/api\/davit\/v1\/enter\?code=[\w-]{43}$/);
    const login = await service.redeem(new URL(url).searchParams.get('code')!, SERVER);
    expect(login?.location).toBe('http://s-aaaaaaaaaaaa.localhost:8000/port/3000/?q=1');
    expect(login?.setCookie).toMatch(/^__Host-davit-s-inst=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  });

  it('keep neither code nor cookie in the database', async () => {
    const code = await codeFor();
    const login = await service.redeem(code, SERVER);
    const cookie = /=([^;]+);/.exec(login!.setCookie)![1]!;
    const [rows] = await db.query(
      'SELECT c::text AS row FROM access_codes c UNION ALL SELECT l::text FROM access_logins l',
    );
    const text = JSON.stringify(rows);
    expect(text).toContain(SERVER);
    expect(text).not.toContain(code);
    expect(text).not.toContain(cookie);
  });

  it('work once, also when 20 requests come at the same time', async () => {
    const code = await codeFor();
    const results = await Promise.all(Array.from({ length: 20 }, () => service.redeem(code, SERVER)));
    expect(results.filter((login) => login !== undefined)).toHaveLength(1);
    expect(await service.redeem(code, SERVER)).toBeUndefined();
  });

  it('do not work on another server, and stay good for the right one', async () => {
    const code = await codeFor();
    expect(await service.redeem(code, OTHER_SERVER)).toBeUndefined();
    expect(await service.redeem(code, SERVER)).toBeDefined();
  });

  it('end after 30 seconds', async () => {
    const code = await codeFor();
    later(29_999);
    const second = await codeFor();
    later(1);
    expect(await service.redeem(code, SERVER)).toBeUndefined();
    expect(await service.redeem(second, SERVER)).toBeDefined();
  });

  it('end with the session', async () => {
    const code = await codeFor();
    actors.delete(via.id);
    expect(await service.redeem(code, SERVER)).toBeUndefined();
  });

  it.each(['jupyterlab/', '//evil.example', '/\\evil.example', '/a b', '/a\r\nSet-Cookie: x', `/${'a'.repeat(5000)}`])(
    'are refused for the path %j',
    async (path) => {
      await expect(service.issueLink(ada, { serverId: SERVER, path })).rejects.toMatchObject({ code: 'bad-request' });
    },
  );

  it('are refused to a token without the scope', async () => {
    const reader: Actor = { ...ada, scopes: new Set(['read']) };
    await expect(service.issueLink(reader, { serverId: SERVER, path: '/' })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it.each(['', 'x', `${'a'.repeat(43)}'`, 'a'.repeat(43)])('are not what %j is', async (code) => {
    expect(await service.redeem(code, SERVER)).toBeUndefined();
  });
});

describe('verify', () => {
  it('knows a cookie of its server only, and answers at once the second time', async () => {
    const cookie = await signIn();
    expect(await service.verify(cookie, SERVER)).toMatchObject({ userId: ada.userId, via, serverId: SERVER });
    expect(service.verify(cookie, SERVER)).toMatchObject({ userId: ada.userId });
    expect(service.verify(cookie, OTHER_SERVER)).toBeUndefined();
    expect(await service.verify('a'.repeat(43), SERVER)).toBeUndefined();
  });

  it('asks once for requests that come together, and again after 5 seconds', async () => {
    const cookie = await signIn();
    lookups = 0;
    await Promise.all([service.verify(cookie, SERVER), service.verify(cookie, SERVER), service.verify(cookie, SERVER)]);
    expect(lookups).toBe(1);
    later(5_000);
    await service.verify(cookie, SERVER);
    expect(lookups).toBe(2);
  });

  it.each([
    ['session', via.id],
    ['user', ada.userId],
  ] as const)('forgets at once when the %s ends', async (type, id) => {
    const cookie = await signIn();
    await service.verify(cookie, SERVER);
    actors.clear();
    expect(service.verify(cookie, SERVER)).toMatchObject({ userId: ada.userId });
    bus.emit({ type, id, version: 1 }, {});
    expect(await service.verify(cookie, SERVER)).toBeUndefined();
  });

  it('does not believe an answer that was on its way when the session ended', async () => {
    const cookie = await signIn();
    const pending = service.verify(cookie, SERVER);
    actors.clear();
    bus.emit({ type: 'session', id: via.id, version: 1 }, {});
    expect(await pending).toBeUndefined();
    expect(service.verify(cookie, SERVER)).toBeUndefined();
  });

  it('goes on for a minute while the database does not answer, and no longer', async () => {
    const cookie = await signIn();
    await service.verify(cookie, SERVER);
    broken = true;
    later(59_000);
    expect(await service.verify(cookie, SERVER)).toMatchObject({ userId: ada.userId });
    later(1_000);
    await expect(Promise.resolve(service.verify(cookie, SERVER))).rejects.toThrow('away');
  });

  it('ends with the login after 30 days', async () => {
    const cookie = await signIn();
    later(30 * 24 * 3_600_000);
    expect(await service.verify(cookie, SERVER)).toBeUndefined();
  });

  it('tells whether a session still stands for its user', async () => {
    expect(await service.isAlive(via, ada.userId)).toBe(true);
    expect(await service.isAlive(via, 'user00000bob')).toBe(false);
    expect(quietLookups).toBe(0);
    expect(await service.isAlive(via, ada.userId, { quiet: true })).toBe(true);
    expect(quietLookups).toBe(1);
    actors.clear();
    expect(await service.isAlive(via, ada.userId)).toBe(false);
  });
});

describe('cleanUp', () => {
  it('deletes expired codes and logins, nothing else, and uses no session', async () => {
    await db.query('TRUNCATE access_codes, access_logins');
    await signIn();
    later(30 * 24 * 3_600_000 - 1);
    const kept = await signIn();
    later(1);
    await codeFor();
    lookups = 0;
    await service.cleanUp(now);
    expect(lookups).toBe(0);
    expect(await count('access_codes')).toEqual([{ n: 2 }]);
    expect(await count('access_logins')).toEqual([{ n: 1 }]);
    expect(await service.verify(kept, SERVER)).toBeDefined();
  });
});
