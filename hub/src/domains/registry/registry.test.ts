import { createToken, listRegistryRepositories, type Scope } from '@davit/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { imageDoubles } from '../../../test/imageDoubles.ts';
import { serveApi, startAccounts, TestClient, type AccountsHarness } from '../../../test/apiHarness.ts';
import { ApiRouter } from '../../platform/http.ts';
import { createLog } from '../../platform/log.ts';
import { createImagesDomain, type ImagesDomain } from '../images/index.ts';
import { createRegistryDomain, nodeCredential, type RegistryDomain, type RegistryPort } from './index.ts';

const KEY = Buffer.alloc(32, 7);
const WEEK = 7 * 86_400_000;

/** Tells as its token what it would sign, and holds two repositories. */
class FakeRegistry {
  broken = false;
  readonly port: RegistryPort = {
    host: 'registry.test:5000',
    tokens: {
      service: 'davit-registry',
      issue: (subject, access) => Promise.resolve({ token: JSON.stringify({ subject, access }), expiresInS: 900 }),
    },
    catalogue: {
      repositories: ({ after = '', limit }) =>
        this.broken
          ? Promise.reject(new Error('it does not answer.'))
          : Promise.resolve(
              ['davit/base', 'saved/ada/env', 'saved/eve/x'].filter((one) => one > after).slice(0, limit),
            ),
      tags: (repository) =>
        Promise.resolve(repository === 'davit/base' ? Array.from({ length: 25 }, (_, n) => `t${n}`) : ['1']),
      image: (_, reference) =>
        reference === 't1'
          ? Promise.reject(new Error('an index'))
          : Promise.resolve({ digest: 'sha256:1', sizeBytes: 5 }),
    },
  };
}

let hub: AccountsHarness;
let images: ImagesDomain;
let registry: RegistryDomain;
let fake: FakeRegistry;
let server: Server;
let url: string;
let people: Record<'ada' | 'eve' | 'root', { id: string; client: TestClient; tokens: Map<string, string> }>;
const doubles = imageDoubles();

beforeAll(async () => {
  hub = await startAccounts();
  const log = createLog('silent');
  fake = new FakeRegistry();
  images = createImagesDomain({
    ...doubles,
    ...{ db: hub.db, bus: hub.bus, clock: hub.clock, log },
    source: {
      catalogue: () => [],
      present: () => Promise.resolve(undefined),
      locate: () => Promise.resolve(undefined),
      ensure: () => Promise.reject(new Error('nothing is built here')),
    },
    engine: 'kubernetes',
    servers: () => {
      throw new Error('nothing is saved here');
    },
  });
  registry = createRegistryDomain({
    limits: hub.sessions.limits,
    registry: fake.port,
    authenticate: hub.sessions.authenticate,
    mayPull: (actor, repository) => images.service.mayPull(actor, repository),
    instanceKey: KEY,
    clock: hub.clock,
    log,
  });
  server = express().use(registry.tokenRoute).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const of = async (name: string, role: 'user' | 'admin' = 'user') => ({
    ...(await hub.person(name, role)),
    tokens: new Map<string, string>(),
  });
  people = { ada: await of('ada'), eve: await of('eve'), root: await of('boss', 'admin') };
});
afterAll(async () => {
  server.close();
  await hub.close();
});

type Name = keyof typeof people;
const NAMES: Record<Name, string> = { ada: 'ada', eve: 'eve', root: 'boss' };

async function apiToken(name: Name, scopes: Scope[]): Promise<string> {
  const { client, tokens } = people[name];
  const known = tokens.get(scopes.join());
  if (known !== undefined) return known;
  const { body } = await client.call(createToken, { body: { name: 'registry', scopes, expiresInDays: null } });
  tokens.set(scopes.join(), body.token);
  return body.token;
}

function ask(user: string | undefined, password: string, ...scopes: string[]): Promise<Response> {
  const query = new URLSearchParams([['service', 'davit-registry'], ...scopes.map((scope) => ['scope', scope])]);
  const basic = Buffer.from(`${user ?? ''}:${password}`).toString('base64');
  const headers: Record<string, string> = user === undefined ? {} : { authorization: `Basic ${basic}` };
  return fetch(`${url}/registry/token?${query.toString()}`, { headers });
}

/** What a person gets of what was asked, as `<repository>:<actions>`. */
async function granted(name: Name, scopes: Scope[], ...asked: string[]): Promise<string[]> {
  const answer = await ask(NAMES[name], await apiToken(name, scopes), ...asked.map((one) => `repository:${one}`));
  expect(answer.status).toBe(200);
  const { token } = (await answer.json()) as { token: string };
  const { subject, access } = JSON.parse(token) as {
    subject: string;
    access: { repository: string; actions: string[] }[];
  };
  expect(subject).toBe(people[name].id);
  return access.map(({ repository, actions }) => `${repository}:${actions.join(',')}`);
}

async function addImage(id: string, owner: Name, visibility: 'private' | 'public', ref: string): Promise<void> {
  const replacements = { id, owner: people[owner].id, visibility, ref };
  await hub.db.query(
    `INSERT INTO images (id, owner_id, name, version, title, description, visibility, editors, phase, created_at)
     VALUES (:id, :owner, :id, '1', 't', '', :visibility, '[]', 'ready', now())`,
    { replacements },
  );
  await hub.db.query(
    `INSERT INTO image_locations (image_id, engine, ref, digest, size_bytes)
     VALUES (:id, 'kubernetes', :ref, 'sha256:1', 1)`,
    { replacements },
  );
}

const ALL: Scope[] = ['read', 'servers'];

describe('signing in to the registry', () => {
  it('lets each person push and pull in the own area, and nobody else', async () => {
    const own = `saved/${people.ada.id}/env`;
    expect(await granted('ada', ALL, `${own}:pull,push`)).toEqual([`${own}:pull,push`]);
    expect(await granted('ada', ALL, `${own}:pull,push,delete,*`)).toEqual([`${own}:pull,push`]);
    expect(await granted('eve', ALL, `${own}:pull,push`)).toEqual([]);
    expect(await granted('root', [...ALL, 'admin'], `${own}:pull,push`)).toEqual([]);
    expect(await granted('eve', ALL, `saved/${people.ada.id}:push`, `saved/${people.ada.id}x/y:push`)).toEqual([]);
  });

  it('keeps to what the API token may do', async () => {
    const own = `saved/${people.ada.id}/env`;
    expect(await granted('ada', ['read'], `${own}:pull,push`)).toEqual([`${own}:pull`]);
    expect(await granted('ada', ['account'], `${own}:pull,push`, 'davit/base:pull')).toEqual([]);
    expect(await granted('root', ALL, 'davit/base:pull,push')).toEqual(['davit/base:pull']);
  });

  it('lets everybody pull the images of Davit, and admins push them', async () => {
    expect(await granted('eve', ALL, 'davit/base:pull,push')).toEqual(['davit/base:pull']);
    expect(await granted('root', [...ALL, 'admin'], 'davit/base:pull,push')).toEqual(['davit/base:pull,push']);
  });

  it('lets people pull what they may use: shared and public images, each of a repository', async () => {
    const [area, host] = [`saved/${people.ada.id}`, 'registry.test:5000'];
    await addImage('imageprivate', 'ada', 'private', `${host}/${area}/private:1`);
    await addImage('imageshared0', 'ada', 'private', `${host}/${area}/shared:1`);
    await addImage('imagepublic0', 'ada', 'public', `${host}/${area}/public@sha256:${'a'.repeat(64)}`);
    await addImage('imagemixed00', 'ada', 'public', `${host}/${area}/mixed:1`);
    await addImage('imagemixed01', 'ada', 'private', `${host}/${area}/mixed:2`);
    await hub.db.query(`INSERT INTO image_shares (image_id, kind, subject_id) VALUES ('imageshared0', 'user', $eve)`, {
      bind: { eve: people.eve.id },
    });
    const asked = ['private', 'shared', 'public', 'mixed', 'other'].map((name) => `${area}/${name}:pull,push`);
    expect(await granted('eve', ALL, ...asked)).toEqual([`${area}/shared:pull`, `${area}/public:pull`]);
    expect(await granted('root', [...ALL, 'admin'], ...asked)).toEqual([`${area}/public:pull`]);
    await hub.db.query(`UPDATE images SET retired_at = now() WHERE id = 'imagepublic0'`);
    expect(await granted('eve', ALL, `${area}/public:pull`)).toEqual([]);
  });

  it('takes several scopes in one parameter, and leaves out what is no repository', async () => {
    const own = `saved/${people.ada.id}`;
    const answer = await ask(
      'ada',
      await apiToken('ada', ALL),
      `repository:${own}/a:pull repository:${own}/b:push`,
      'registry:catalog:*',
      `repository:${own}/../x:pull`,
      `repository:${own}/C:pull`,
      `repository(plugin):${own}/d:pull`,
    );
    const { token, access_token, expires_in } = (await answer.json()) as Record<string, string>;
    const { access } = JSON.parse(token ?? '') as { access: unknown };
    expect(access).toEqual([
      { repository: `${own}/a`, actions: ['pull'] },
      { repository: `${own}/b`, actions: ['push'] },
    ]);
    expect([access_token, expires_in]).toEqual([token, 900]);
  });

  it('refuses in the words of the registry whoever does not sign in rightly', async () => {
    const token = await apiToken('ada', ALL);
    for (const [user, password] of [
      [undefined, ''],
      ['ada', 'davit_wrong'],
      ['ada', 'correct horse battery'],
      ['eve', token],
      ['', token],
      ['davit-nodes', token],
    ] as const) {
      const answer = await ask(user, password, 'repository:davit/base:pull');
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(await answer.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] });
    }
    const session = { cookie: people.ada.client.headers['cookie'] ?? '' };
    expect((await fetch(`${url}/registry/token?service=davit-registry`, { headers: session })).status).toBe(401);
    const bearer = { authorization: `Bearer ${token}` };
    expect((await fetch(`${url}/registry/token?service=davit-registry`, { headers: bearer })).status).toBe(401);
    expect((await fetch(`${url}/registry/token?service=other`, { headers: bearer })).status).toBe(400);
  });

  it('refuses a revoked token at once, and a person who was deactivated', async () => {
    const { id, client } = await hub.person('gone');
    const { body } = await client.call(createToken, { body: { name: 'x', scopes: ALL, expiresInDays: null } });
    expect((await ask('GONE', body.token)).status).toBe(200);
    const { client: admin } = await hub.person('root');
    await admin.send('PATCH', `/api/v1/users/${id}`, { active: false });
    expect((await ask('gone', body.token)).status).toBe(401);
  });

  it('lets nodes pull everything and nothing else, by a credential that changes each week', async () => {
    const { user, password } = nodeCredential(KEY, hub.clock.now());
    const scope = `repository:saved/${people.ada.id}/private:pull,push,delete`;
    const { token } = (await (await ask(user, password, scope)).json()) as { token: string };
    expect(JSON.parse(token)).toEqual({
      subject: 'davit-nodes',
      access: [{ repository: `saved/${people.ada.id}/private`, actions: ['pull'] }],
    });
    const status = async (weeks: number, key = KEY) => {
      const old = nodeCredential(key, new Date(hub.clock.now().getTime() + weeks * WEEK));
      return (await ask(old.user, old.password)).status;
    };
    expect([await status(-2), await status(-1), await status(1), await status(2)]).toEqual([401, 200, 200, 401]);
    expect(await status(0, Buffer.alloc(32, 8))).toBe(401);
    expect((await ask('ada', password)).status).toBe(401);
  });

  it('stops guessing, and nodes are never kept out by it', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 12 }, () => ask('guessed', 'davit_wrong').then((a) => a.status)),
    );
    expect(guesses.filter((status) => status === 401).length).toBeGreaterThan(0);
    const answer = await ask('guessed', 'davit_wrong');
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'TOOMANYREQUESTS' }] });
    const { user, password } = nodeCredential(KEY, hub.clock.now());
    await Promise.all(Array.from({ length: 12 }, () => ask(user, 'wrong')));
    expect((await ask(user, password)).status).toBe(200);
  });
});

describe('what an admin sees of the registry', () => {
  const serve = async (domain: RegistryDomain) => {
    const api = new ApiRouter();
    domain.routes(api);
    return serveApi(api, hub.sessions.authenticate);
  };
  let served: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    served = await serve(registry);
  });
  afterAll(() => served.close());
  beforeEach(() => {
    fake.broken = false;
  });
  const as = (name: Name) => new TestClient(served.url, people[name].client.headers);

  it('is paged, with the first tags of each repository and their sizes', async () => {
    const first = await as('root').call(listRegistryRepositories, { query: { limit: 2 } });
    expect(first.body.items.map(({ name, tagCount, tags }) => [name, tagCount, tags.length])).toEqual([
      ['davit/base', 25, 20],
      ['saved/ada/env', 1, 1],
    ]);
    expect(first.body.items[0]?.tags.slice(0, 2)).toEqual([
      { name: 't0', digest: 'sha256:1', sizeBytes: 5 },
      { name: 't1', digest: null, sizeBytes: null },
    ]);
    const cursor = first.body.nextCursor ?? '';
    expect(first.body.host).toBe('registry.test:5000');
    const second = await as('root').call(listRegistryRepositories, { query: { limit: 2, cursor } });
    expect(second.body).toMatchObject({ items: [{ name: 'saved/eve/x' }], nextCursor: null });
  });

  it('is for admins only', async () => {
    expect((await as('ada').call(listRegistryRepositories, { query: {} })).status).toBe(403);
    expect((await new TestClient(served.url).call(listRegistryRepositories, { query: {} })).status).toBe(401);
  });

  it('says so when the registry does not answer, and when there is none', async () => {
    fake.broken = true;
    const broken = await as('root').call(listRegistryRepositories, { query: {} });
    expect([broken.status, (broken.body as unknown as { detail: string }).detail]).toEqual([
      503,
      'The registry cannot be read: it does not answer.',
    ]);
    const none = createRegistryDomain({
      limits: hub.sessions.limits,
      registry: undefined,
      authenticate: hub.sessions.authenticate,
      mayPull: () => Promise.resolve(true),
      instanceKey: KEY,
      clock: hub.clock,
      log: createLog('silent'),
    });
    const other = await serve(none);
    const client = new TestClient(other.url, people.root.client.headers);
    expect((await client.call(listRegistryRepositories, { query: {} })).body).toEqual({
      items: [],
      nextCursor: null,
      host: null,
    });
    await other.close();
  });
});
