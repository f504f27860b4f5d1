import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../test/database.ts';
import {
  ADA,
  addServer,
  ADAS_SERVER,
  BOB,
  BOBS_SERVER,
  handshake,
  send,
  sendRaw,
  startContainer,
  startTestProxy,
  type Container,
  type TestProxy,
} from '../../test/proxyFixture.ts';
import { createAccessDomain, type AccessService } from '../domains/access/index.ts';
import { boundToServer, type Actor } from '../platform/auth.ts';
import { systemClock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';

const PAGE = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'cross-site',
};
const ada: Actor = {
  userId: ADA,
  name: 'ada',
  role: 'user',
  scopes: new Set(['servers']),
  via: { kind: 'session', id: 'session0ada1' },
};

let db: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ db, drop } = await createTestDatabase());
});
afterAll(() => drop());

describe.each(['host', 'path'] as const)('entering a server, %s mode', (mode) => {
  let test: TestProxy;
  let container: Container;
  let access: AccessService;
  let dispose: () => void;
  let actors: Map<string, Actor>;
  let host: string;
  let base: string;

  beforeEach(async () => {
    actors = new Map([[ada.via.id, ada]]);
    container = await startContainer();
    test = await startTestProxy({
      mode,
      access: (origins, bus) => {
        const findActor = (via: Actor['via']): Promise<Actor | undefined> => Promise.resolve(actors.get(via.id));
        ({ service: access, dispose } = createAccessDomain({ db, bus, clock: systemClock, origins, findActor }));
        return access;
      },
    });
    addServer(test, { port: container.port });
    addServer(test, { serverId: BOBS_SERVER, ownerId: BOB, port: container.port });
    host = test.host(ADAS_SERVER);
    base = test.origins.basePath(ADAS_SERVER);
  });
  afterEach(async () => {
    dispose();
    await test.close();
    await container.close();
  });

  async function follow(path = '/jupyterlab/'): Promise<{ link: URL; cookie: string; location: string }> {
    const link = new URL(await access.issueLink(ada, { serverId: ADAS_SERVER, path }));
    const answer = await send(test.port, link.pathname + link.search, { host: link.host, ...PAGE });
    expect(answer.status).toBe(303);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    return { link, cookie: answer.headers['set-cookie']![0]!.split(';')[0]!, location: answer.headers.location! };
  }

  it('leads by a link to a cookie and the clean address, and the server answers there', async () => {
    const { cookie, location } = await follow('/jupyterlab/lab?reset');
    expect(location).toBe(`http://${host}${base}/jupyterlab/lab?reset`);
    const answer = await send(test.port, `${base}/jupyterlab/lab?reset`, { host, cookie, ...PAGE });
    expect(answer.body).toBe('from the container');
    expect(container.requests[0]).toMatchObject({ url: `${base}/jupyterlab/lab?reset` });
    expect(container.requests[0]?.headers.cookie).toBeUndefined();
    const lines = [`Cookie: ${cookie}`, `Origin: http://${host}`];
    expect(await sendRaw(test.port, handshake(host, `${base}/ws`, lines))).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('works once; again, the browser that is in goes to the root and another one gets a page', async () => {
    const { link, cookie } = await follow();
    const again = await send(test.port, link.pathname + link.search, { host, cookie, ...PAGE });
    expect(again).toMatchObject({ status: 303, headers: { location: `${base}/` } });
    const other = await send(test.port, link.pathname + link.search, { host, ...PAGE });
    expect(other.status).toBe(403);
    expect(other.body).toContain('This link does not work any more');
    expect(other.body).toContain(`href="http://localhost:${test.port}/"`);
    expect(other.headers).not.toHaveProperty('set-cookie');
    expect(container.bytes()).toBe(0);
  });

  it('keeps the language of the link for the pages of the proxy, and shows the container nothing of it', async () => {
    const enter = async (language?: string): Promise<string[]> => {
      const wish = { serverId: ADAS_SERVER, path: '/', ...(language === undefined ? {} : { language }) };
      const link = new URL(await access.issueLink(ada, wish));
      const answer = await send(test.port, link.pathname + link.search, { host, ...PAGE });
      return (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0] ?? '');
    };
    const cookie = (await enter('zh')).join('; ');
    expect(cookie).toMatch(/; davit-language=zh$/);
    expect(await enter()).toHaveLength(1);
    expect(await enter('zh; Path=/')).toHaveLength(1);
    await send(test.port, `${base}/jupyterlab/`, { host, cookie, ...PAGE });
    expect(container.requests.at(-1)?.headers.cookie).toBeUndefined();
    const asked = { host, ...PAGE, 'accept-language': 'en', 'sec-fetch-dest': 'iframe' };
    const chosen = { ...asked, cookie: 'davit-language=zh' };
    expect((await send(test.port, `${base}/jupyterlab/`, chosen)).body).toContain('您不能打开此页面');
    const unknown = { ...asked, cookie: 'davit-language=xx' };
    expect((await send(test.port, `${base}/jupyterlab/`, unknown)).body).toContain('You may not open this');
  });

  it('is the plain address when asked for from inside the server: its browser is in, and no other one gets in', async () => {
    const plain = `http://${host}${base}/port/8888/`;
    const viaToken: Actor = { ...ada, via: { kind: 'server', id: 'token0000001' } };
    for (const actor of [boundToServer(ada, ADAS_SERVER), boundToServer(viaToken, ADAS_SERVER)]) {
      expect(await access.issueLink(actor, { serverId: ADAS_SERVER, path: '/port/8888/' })).toBe(plain);
    }
    await expect(access.issueLink(viaToken, { serverId: ADAS_SERVER, path: '//evil.example' })).rejects.toThrow();
  });

  it('does not work on another server, and the cookie neither', async () => {
    const { cookie } = await follow();
    const link = new URL(await access.issueLink(ada, { serverId: ADAS_SERVER, path: '/' }));
    const [otherHost, otherBase] = [test.host(BOBS_SERVER), test.origins.basePath(BOBS_SERVER)];
    const path = `${otherBase}/api/davit/v1/enter${link.search}`;
    expect((await send(test.port, path, { host: otherHost, ...PAGE })).status).toBe(403);
    const value = cookie.slice(cookie.indexOf('=') + 1);
    const forged = `${test.origins.cookieName(BOBS_SERVER)}=${value}`;
    expect((await send(test.port, `${otherBase}/jupyterlab/`, { host: otherHost, cookie: forged })).status).toBe(401);
    expect(container.bytes()).toBe(0);
  });

  it('ends with the session', async () => {
    const { cookie } = await follow();
    expect((await send(test.port, `${base}/jupyterlab/`, { host, cookie })).status).toBe(200);
    actors.clear();
    test.bus.emit({ type: 'session', id: ada.via.id, version: 1 }, {});
    expect((await send(test.port, `${base}/jupyterlab/`, { host, cookie })).status).toBe(401);
  });

  it.each(['', '?code=', `?code=${'a'.repeat(43)}`, "?code=' OR 1=1 --".replaceAll(' ', '%20')])(
    'refuses enter%s',
    async (query) => {
      const answer = await send(test.port, `${base}/api/davit/v1/enter${query}`, { host });
      expect(answer).toMatchObject({ status: 403, headers: { 'content-type': 'application/problem+json' } });
    },
  );

  it('takes no link by another method', async () => {
    const link = new URL(await access.issueLink(ada, { serverId: ADAS_SERVER, path: '/' }));
    const path = link.pathname + link.search;
    expect((await send(test.port, path, { host }, { method: 'HEAD' })).status).toBe(400);
    expect((await send(test.port, path, { host, ...PAGE })).status).toBe(303);
  });
});

describe('path mode', () => {
  let test: TestProxy;
  let container: Container;
  let cookie: string;
  const base = `/s/${ADAS_SERVER}`;
  const host = () => `127.0.0.1:${test.port}`;

  beforeAll(async () => {
    container = await startContainer();
    test = await startTestProxy({ mode: 'path' });
    cookie = addServer(test, { port: container.port });
  });
  afterAll(async () => {
    await test.close();
    await container.close();
  });

  it('adds the slash and finds the editor below the path', async () => {
    const bare = await send(test.port, `${base}?x=1`, { host: host(), cookie });
    expect(bare).toMatchObject({ status: 308, headers: { location: `${base}/?x=1` } });
    const root = await send(test.port, `${base}/`, { host: host(), cookie });
    expect(root).toMatchObject({ status: 302, headers: { location: `${base}/jupyterlab/` } });
    const tab = await send(test.port, `${base}/jupyterlab/`, { host: host(), accept: 'text/html' });
    expect(tab.headers.location).toBe(`http://localhost:${test.port}/open/${ADAS_SERVER}?path=%2Fjupyterlab%2F`);
  });

  it('keeps cookies and service workers of a server below its path', async () => {
    container.answer = (_req, res) => {
      res.writeHead(200, { 'set-cookie': 'a=1; Path=/; Domain=127.0.0.1', 'service-worker-allowed': '/' });
      res.end();
    };
    const { headers } = await send(test.port, `${base}/port/1/`, { host: host(), cookie });
    expect(headers['set-cookie']).toEqual([`a=1; Path=${base}/`]);
    expect(headers).not.toHaveProperty('service-worker-allowed');
  });

  it.each([
    ['/', 421],
    ['/s/', 421],
    ['/s/short/', 421],
    [`/s/${ADAS_SERVER}x/`, 421],
    ['/jupyterlab/', 421],
    [`/S/${ADAS_SERVER}/`, 421],
    [`/s/${ADAS_SERVER}/__davit/status`, 404],
    [`/s/${ADAS_SERVER}/%5f%5fdavit/status`, 404],
    [`/s/${ADAS_SERVER}//__davit/status`, 400],
    [`/s/${ADAS_SERVER}/../${BOBS_SERVER}/`, 400],
    [`/s/${ADAS_SERVER}/..%2f${BOBS_SERVER}/`, 400],
  ])('answers %s with %i', async (path, status) => {
    const before = container.bytes();
    expect((await send(test.port, path, { host: host(), cookie })).status).toBe(status);
    expect(container.bytes()).toBe(before);
  });
});
