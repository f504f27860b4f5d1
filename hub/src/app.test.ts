import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allRoutes, scopeSchema, type Problem } from '@davit/contract';
import { createApp } from './app.ts';
import type { Actor } from './platform/auth.ts';
import { ApiRouter } from './platform/http.ts';
import { createLog } from './platform/log.ts';
import { Metrics } from './platform/metrics.ts';

const ORIGIN = 'http://localhost:8000';
const ADMIN_COOKIE = 'root';
const ADA: Actor = {
  userId: 'ada',
  name: 'ada',
  role: 'user',
  scopes: new Set(['read']),
  via: { kind: 'session', id: 's' },
};
const ROOT: Actor = { ...ADA, userId: 'root', name: 'root', role: 'admin', scopes: new Set(['read', 'admin']) };
/** By their cookies. */
const PEOPLE = new Map<string | string[] | undefined, Actor>([
  ['ada', ADA],
  [ADMIN_COOKIE, ROOT],
  ['user', { ...ADA, scopes: new Set(scopeSchema.options) }],
  ['teacher', { ...ADA, role: 'teacher', scopes: new Set(scopeSchema.options) }],
  ['admin without the scope', { ...ROOT, scopes: new Set(['read', 'servers', 'account']) }],
]);

function options(api: ApiRouter, webDirectory: string, ready = true, trustedProxies: string[] = []) {
  return {
    api,
    registryTokens: express.Router(),
    authenticate: (headers: NodeJS.Dict<string | string[]>) =>
      Promise.resolve(
        PEOPLE.get(headers['cookie']) ??
          (headers['authorization'] === 'Bearer t' ? { ...ADA, via: { kind: 'token' as const, id: 't' } } : undefined),
      ),
    origin: ORIGIN,
    ready: () => Promise.resolve({ ready, checks: { database: 'ok' } }),
    webDirectory,
    trustedProxies,
    metrics: new Metrics(),
    log: createLog('silent'),
  };
}

/** Each endpoint of the contract answers what it got; `getUser` fails in an unforeseen way. */
function echoApi(): ApiRouter {
  const api = new ApiRouter();
  for (const route of allRoutes) {
    const handler = (input: unknown, { req }: { req: { ip?: string } }) => {
      if (route.name === 'getUser') throw new Error('a secret detail');
      return { input, address: req.ip } as never;
    };
    if (route.access === 'public') api.onPublic(route, handler);
    else api.on(route, handler);
  }
  return api;
}

describe('createApp', () => {
  let server: Server;
  let base: string;

  beforeAll(async () => {
    const web = mkdtempSync(join(tmpdir(), 'davit-web-'));
    mkdirSync(join(web, 'assets'));
    writeFileSync(join(web, 'index.html'), '<!doctype html><title>Davit</title>');
    writeFileSync(join(web, 'assets', 'a.js'), '1');
    server = createApp(options(echoApi(), web)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const send = (path: string, init: RequestInit = {}) => fetch(base + path, init);
  const problem = async (response: Response) => (await response.json()) as Problem;

  it('refuses to boot while an endpoint has no handler', () => {
    expect(() => createApp(options(new ApiRouter(), '/'))).toThrow(/no handler: getInfo/);
  });

  it.each([
    [[], '127.0.0.1'],
    [['127.0.0.1'], '198.51.100.7'],
  ])('with the proxies %j in front takes %s for who asks', async (trustedProxies, address) => {
    const own = createApp(options(echoApi(), '/', true, trustedProxies)).listen(0, '127.0.0.1');
    await new Promise((resolve) => own.once('listening', resolve));
    const url = `http://127.0.0.1:${(own.address() as AddressInfo).port}/api/v1/info`;
    const answer = await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' } });
    expect(await answer.json()).toMatchObject({ address });
    await new Promise((resolve) => own.close(resolve));
  });

  it('names the bad field of a request', async () => {
    const headers = { cookie: 'ada', 'content-type': 'application/json' };
    const answer = await send('/api/v1/sessions', { method: 'POST', headers, body: '{"name":5}' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const { fields, code } = await problem(answer);
    expect(code).toBe('bad-request');
    expect(fields?.map((field) => field.path)).toEqual(['name', 'password']);
  });

  it.each(['{', '', '[]', '"x"'])('answers a body of %j with 400, not 500', async (body) => {
    const answer = await send('/api/v1/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    expect((await problem(answer)).fields).not.toEqual([]);
  });

  it.each([
    ['content-type', { 'content-type': 'application/json; charset=klingon' }],
    ['content-encoding', { 'content-type': 'application/json', 'content-encoding': 'klingon' }],
  ])('names the header %s when it asks for what cannot be read', async (path, headers) => {
    const answer = await send('/api/v1/sessions', { method: 'POST', headers: { ...headers }, body: '{}' });
    expect(answer.status).toBe(400);
    expect((await problem(answer)).fields).toEqual([{ path, message: expect.stringContaining('unsupported') }]);
  });

  it('answers a bad escape in a path with 400 and an unknown path with 404', async () => {
    expect((await send('/api/v1/servers/%E0%A4%A', { headers: { cookie: 'ada' } })).status).toBe(400);
    expect((await send('/api/v1/nothing')).status).toBe(404);
    expect((await send('/assets/missing.js')).status).toBe(404);
  });

  it.each([
    ['/api/v1/sessions', undefined, 200_000, 413],
    ['/api/v1/users/import', undefined, 200_000, 413],
    ['/api/v1/users/import', 'ada', 200_000, 413],
    ['/api/v1/users/import', ADMIN_COOKIE, 1_900_000, 200],
    ['/api/v1/users/import', ADMIN_COOKIE, 4_000_000, 413],
  ])(
    'takes long bodies of lists of people only: %s from %s with %i bytes gets %i',
    async (path, cookie, bytes, status) => {
      const headers = { 'content-type': 'application/json', ...(cookie === undefined ? {} : { cookie }) };
      const answer = await send(path, { method: 'POST', headers, body: JSON.stringify({ csv: 'x'.repeat(bytes) }) });
      expect(answer.status).toBe(status);
    },
  );

  it('asks for a sign-in before anything else is looked at', async () => {
    expect((await send('/api/v1/servers')).status).toBe(401);
    expect((await send('/api/v1/servers', { method: 'POST', body: '{' })).status).toBe(401);
  });

  it('refuses a role or scope that lacks', async () => {
    expect((await send('/api/v1/users', { headers: { cookie: 'ada' } })).status).toBe(403);
    const answer = await send('/api/v1/servers/abcdefghijkl/stop', { method: 'POST', headers: { cookie: 'ada' } });
    expect([answer.status, (await problem(answer)).detail]).toEqual([403, expect.stringContaining('"servers"')]);
  });

  const adminRoutes = allRoutes.filter(({ access }) => access === 'admin');

  it('has endpoints for admins', () => {
    expect(adminRoutes.map(({ name }) => name)).toEqual(expect.arrayContaining(['prepareImage', 'listUsers']));
  });

  it.each(adminRoutes.map(({ name, method, path }) => [name, method, path] as const))(
    '%s is for admins alone, whatever is sent',
    async (_, method, path) => {
      const statusFor = async (cookie?: string): Promise<number> => {
        const headers: HeadersInit = cookie === undefined ? {} : { cookie };
        return (await send(path.replaceAll(/\{\w+\}/g, 'abcdefghijkl'), { method, headers })).status;
      };
      expect(await statusFor()).toBe(401);
      for (const who of ['user', 'teacher', 'admin without the scope']) {
        expect([who, await statusFor(who)]).toEqual([who, 403]);
      }
      expect([401, 403]).not.toContain(await statusFor(ADMIN_COOKIE));
    },
  );

  it.each([
    [{ cookie: 'ada', origin: ORIGIN }, 204],
    [{ cookie: 'ada' }, 204],
    [{ cookie: 'ada', origin: 'http://s-x.localhost:8000' }, 403],
    [{ cookie: 'ada', 'sec-fetch-site': 'cross-site' }, 403],
    [{ authorization: 'Bearer t', origin: 'http://elsewhere.test' }, 204],
  ])('a write with %j gets %i', async (headers, status) => {
    const api = await send('/api/v1/sessions/current', { method: 'DELETE', headers: { ...headers } });
    // The echo's actor has only the scope `read`, so an allowed write meets the scope check instead of the origin check.
    const reached = api.status === 403 && (await problem(api)).detail.includes('scope');
    expect(reached ? 204 : api.status).toBe(status);
  });

  it('tells nothing of the inside when something unforeseen fails', async () => {
    const app = createApp({ ...options(echoApi(), '/'), authenticate: () => Promise.resolve(ROOT) });
    const other = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const answer = await fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/api/v1/users/abcdefghijkl`);
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(text).not.toContain('secret detail');
    expect(text).toContain(answer.headers.get('x-request-id') ?? '-');
    await new Promise((resolve) => other.close(resolve));
  });

  it('serves pages with headers that keep other sites out', async () => {
    const page = await send('/servers/abc');
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html><title>Davit</title>']);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect((await send('/assets/a.js')).headers.get('cache-control')).toContain('immutable');
  });

  it('serves its documents and health', async () => {
    const openApi = (await (await send('/api/openapi.json')).json()) as { openapi: string; paths: object };
    expect(openApi.openapi).toBe('3.1.0');
    expect(Object.keys(openApi.paths)).toContain('/api/v1/servers/{id}/open');
    expect((await send('/healthz')).status).toBe(200);
    expect((await send('/readyz')).status).toBe(200);
    expect(await (await send('/metrics')).text()).toContain('davit_http_requests_total');
  });

  it.each([
    ['x-forwarded-for', '203.0.113.7'],
    ['forwarded', 'for=203.0.113.7'],
  ])('keeps its metrics from the other side of a proxy (%s)', async (name, value) => {
    const answer = await send('/metrics', { headers: { [name]: value } });
    expect([answer.status, await answer.text()]).toEqual([404, expect.not.stringContaining('davit_')]);
  });
});
