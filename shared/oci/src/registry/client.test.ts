import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../image/descriptor.ts';
import { accessOf } from './access.ts';
import { credentialAuth, tokenAuth } from './auth.ts';
import { RegistryClient } from './client.ts';

const MANIFEST = JSON.stringify({ config: { size: 10 }, layers: [{ size: 100 }, { size: 200 }] });

describe('a registry', () => {
  let server: Server;
  let url: URL;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let seen: string[];
  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const json = (response: ServerResponse, body: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it('tells of images, repositories and tags, and of what is not there', async () => {
    const client = new RegistryClient(url);
    answer = (_, response) => response.end(MANIFEST);
    expect(await client.image('a/b', '1')).toEqual({ digest: digestOf(MANIFEST), sizeBytes: 310 });
    answer = (_, response) => json(response, { repositories: ['b', 'c'] });
    expect(await client.repositories({ after: 'a', limit: 2 })).toEqual(['b', 'c']);
    expect(seen.at(-1)).toBe('GET /v2/_catalog?n=2&last=a');
    answer = (_, response) => json(response, { tags: ['2', '1'] });
    expect(await client.tags('a/b')).toEqual(['1', '2']);
    answer = (_, response) => json(response, {}, 404);
    expect(await client.image('a/b', '1')).toBeUndefined();
    expect(await client.tags('a/b')).toEqual([]);
    await client.deleteManifest('a/b', 'sha256:1');
    answer = (_, response) => json(response, {}, 405);
    await expect(client.deleteManifest('a/b', 'sha256:1')).rejects.toThrow('REGISTRY_STORAGE_DELETE_ENABLED');
  });

  it('is asked again after a hiccup, and not after a refusal', async () => {
    const client = new RegistryClient(url);
    answer = (_, response) => (seen.length === 1 ? json(response, {}, 503) : json(response, { tags: ['1'] }));
    expect(await client.tags('a')).toEqual(['1']);
    answer = (_, response) => json(response, {}, 403);
    await expect(client.tags('a')).rejects.toThrow('The registry does not let Davit in (a/tags/list).');
    expect(seen).toHaveLength(3);
  });

  it('that is silent is told of in plain words, and a caller who has had enough gets the own reason', async () => {
    const client = new RegistryClient(url);
    answer = () => undefined;
    await expect(client.tags('a', AbortSignal.timeout(100))).rejects.toThrow(
      `The registry at ${url.host} does not answer`,
    );
    const abort = new AbortController();
    answer = (_, response) => {
      json(response, {}, 500);
      setTimeout(() => abort.abort(new Error('enough')), 50);
    };
    await expect(client.tags('a', abort.signal)).rejects.toThrow('enough');
  });

  it('is given a token for just what is asked, made once for each request', async () => {
    const made: string[] = [];
    const auth = tokenAuth((access) => {
      made.push(access.map(({ name, actions }) => `${name}:${actions.join()}`).join());
      return Promise.resolve('ready');
    });
    answer = (request, response) => {
      const isKnown = request.headers.authorization === 'Bearer ready';
      response.writeHead(isKnown ? 200 : 401, { 'www-authenticate': 'Bearer realm="x"' }).end(MANIFEST);
    };
    const client = new RegistryClient(url, auth);
    await client.image('a/b', '1');
    await client.deleteManifest('a/b', 'sha256:1');
    expect(made).toEqual(['a/b:pull', 'a/b:pull,delete']);
    const old = tokenAuth(() => Promise.resolve('old'));
    await expect(new RegistryClient(url, old).image('a/b', '1')).rejects.toThrow('does not let Davit in');
  });

  it('is given a name and a password in the way that it wants, the password as it is by then', async () => {
    let password = 'old';
    const client = new RegistryClient(
      url,
      credentialAuth('ada', () => Promise.resolve(password)),
    );
    const basic = (secret: string) => `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}`;
    answer = (request, response) => {
      const isKnown = request.headers.authorization === basic(password);
      response.writeHead(isKnown ? 200 : 401, { 'www-authenticate': 'Basic realm="x"' }).end(MANIFEST);
    };
    await client.image('a', '1');
    password = 'new';
    await client.image('a', '1');
    await client.image('a', '1');
    const path = 'GET /v2/a/manifests/1';
    const [old, current] = [`${path} ${basic('old')}`, `${path} ${basic('new')}`];
    expect(seen).toEqual([path, old, old, current, current]);
  });

  it('whose tokens are had elsewhere is asked with those, each kept for what it allows', async () => {
    const client = new RegistryClient(
      url,
      credentialAuth('ada', () => Promise.resolve('secret')),
    );
    let tokens = 200;
    answer = (request, response) => {
      const asked = new URL(request.url ?? '', url);
      if (asked.pathname === '/token') json(response, { access_token: asked.searchParams.get('scope') }, tokens);
      else if (request.headers.authorization?.startsWith('Bearer') === true) response.end(MANIFEST);
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="${url}token", service=r` }).end();
    };
    await client.image('a', '1');
    await client.image('a', '1');
    await client.image('b', '1');
    expect(seen.filter((line) => line.includes('/token')).map((line) => line.split(' ')[1])).toEqual([
      '/token?service=r&scope=repository%3Aa%3Apull',
      '/token?service=r&scope=repository%3Ab%3Apull',
    ]);
    expect(seen.filter((line) => line.endsWith('Bearer repository:a:pull'))).toHaveLength(2);
    tokens = 401;
    await expect(client.image('c', '1')).rejects.toThrow('does not take the user and password');
  });
});

describe('what a request needs', () => {
  it.each([
    ['GET', '_catalog?n=1', 'catalog:*'],
    ['HEAD', 'a/b/blobs/sha256:1', 'a/b:pull'],
    ['GET', 'a/tags/list', 'a:pull'],
    ['PUT', 'a/manifests/1', 'a:pull,push'],
    ['DELETE', 'a/manifests/sha256:1', 'a:pull,delete'],
    ['POST', 'a/blobs/uploads/?mount=sha256:1&from=b/c', 'a:pull,push b/c:pull'],
    ['DELETE', 'a/blobs/uploads/1', 'a:pull,push,delete'],
  ])('%s %s: %s', (method, path, needed) => {
    const access = accessOf(method, new URL(`http://registry.test/v2/${path}`));
    expect(access.map(({ name, actions }) => `${name}:${actions.join()}`).join(' ')).toBe(needed);
  });
});
