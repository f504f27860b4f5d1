import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ADA,
  addServer,
  ADAS_SERVER,
  handshake,
  send,
  sendRaw,
  startContainer,
  startTestProxy,
  type Container,
  type TestProxy,
} from '../../test/proxyFixture.ts';
import { languageOf, reasonText } from './pages/texts.ts';
import type { ServerTarget } from './targets.ts';

const PAGE = { accept: 'text/html,application/xhtml+xml' };

let test: TestProxy;
let container: Container;
let host: string;

beforeAll(async () => {
  test = await startTestProxy();
  container = await startContainer();
  host = test.host(ADAS_SERVER);
});
afterAll(async () => {
  await test.close();
  await container.close();
});
beforeEach(() => {
  container.requests.length = 0;
  container.answer = (_req, res) => res.end('from the container');
});

function put(change: Partial<ServerTarget>): string {
  return addServer(test, { readyEditors: [], ...change });
}

describe('pages of the proxy', () => {
  it.each<[ServerTarget['phase'], string]>([
    ['stopped', 'is stopped'],
    ['stopping', 'is stopping'],
    ['queued', 'waits for its turn'],
    ['starting', 'is starting'],
    ['running', 'is starting'],
    ['failed', 'failed'],
    ['unknown', 'is not known'],
  ])('say that a server is %s', async (phase, text) => {
    const cookie = put({ phase });
    const page = await send(test.port, '/jupyterlab/lab', { host, cookie, ...PAGE });
    expect(page).toMatchObject({ status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.headers).toHaveProperty('retry-after');
    expect(page.body).toContain(text);
    expect(page.body).toContain('data-ready="/api/davit/v1/ready?editor=jupyterlab"');
    expect(page.body).toContain(`data-phase="${phase}"`);
    expect(page.body).toContain(`href="http://localhost:${test.port}/"`);
    const program = await send(test.port, '/jupyterlab/lab', { host, cookie });
    expect(program).toMatchObject({ status: 503, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(program.body)).toMatchObject({ code: 'unavailable', details: { phase } });
    const lines = [`Cookie: ${cookie}`, `Origin: http://${host}`];
    expect(await sendRaw(test.port, handshake(host, '/ws', lines))).toMatch(/^HTTP\/1\.1 503 /);
  });

  it('do not exist for a server that is being deleted', async () => {
    const page = await send(test.port, '/', { host, cookie: put({ phase: 'deleting' }), ...PAGE });
    expect(page.status).toBe(404);
    expect(page.body).toContain('does not exist');
  });

  it('never dial a stopped server, whatever address is known', async () => {
    const cookie = put({ phase: 'stopped', port: container.port } as Partial<ServerTarget>);
    expect((await send(test.port, '/jupyterlab/', { host, cookie })).status).toBe(503);
    expect(container.requests).toEqual([]);
  });

  it('escape what people wrote and allow one script only', async () => {
    const cookie = put({
      phase: 'failed',
      name: '<img src=x onerror=alert(1)> $& "\'',
      reason: { code: 'image-failed', message: '</p><script>alert(2)</script>', params: {} },
    });
    const { body, headers } = await send(test.port, '/jupyterlab/', { host, cookie, ...PAGE });
    expect(body).not.toContain('<img');
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt; $&amp; &quot;&#39;');
    expect(body.match(/<script/g)).toHaveLength(1);
    const nonce = /script-src 'nonce-([^']+)'/.exec(headers['content-security-policy'] as string)![1]!;
    expect(body).toContain(`<script nonce="${nonce}">`);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store');
    const again = await send(test.port, '/jupyterlab/', { host, cookie, ...PAGE });
    expect(again.headers['content-security-policy']).not.toContain(nonce);
  });

  it('speak Chinese to who asks for it', async () => {
    const reason = {
      code: 'building-image',
      message: 'Building the image jupyterlab: step 7 of 12',
      params: { image: 'jupyterlab', step: 7, steps: 12 },
    } as const;
    const cookie = put({ phase: 'starting', reason });
    const { body } = await send(test.port, '/', {
      host,
      cookie,
      ...PAGE,
      'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8',
    });
    expect(body).toContain('<html lang="zh-CN">');
    expect(body).toContain('正在启动');
    expect(body).toContain('正在构建镜像 jupyterlab：第 7 步，共 12 步');
  });

  it('wait for an editor of which the agent says that it does not run yet', async () => {
    const cookie = put({ endpoint: { host: '127.0.0.1', port: container.port } });
    container.answer = (_req, res) => {
      res.writeHead(503, { 'content-type': 'application/json' });
      res.end('{"editor":"jupyterlab","phase":"starting"}');
    };
    const page = await send(test.port, '/jupyterlab/lab', { host, cookie, ...PAGE });
    expect(page).toMatchObject({ status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.body).toContain('The editor is starting');
    const program = await send(test.port, '/jupyterlab/api', { host, cookie });
    expect(program).toMatchObject({ status: 503, body: '{"editor":"jupyterlab","phase":"starting"}' });
    const app = await send(test.port, '/port/3000/', { host, cookie, ...PAGE });
    expect(app.body).toBe('{"editor":"jupyterlab","phase":"starting"}');
  });

  it('ask when the editor is ready', async () => {
    const endpoint = { host: '127.0.0.1', port: container.port };
    const ask = async (cookie: string, query = '?editor=jupyterlab'): Promise<unknown> =>
      JSON.parse((await send(test.port, `/api/davit/v1/ready${query}`, { host, cookie })).body);
    const reason = { code: 'pulling-image', message: 'Pulling the image', params: {} } as const;
    expect(await ask(put({ phase: 'starting', reason }))).toEqual({
      phase: 'starting',
      reason: 'Pulling the image',
      editor: 'jupyterlab',
      ready: false,
    });
    expect(await ask(put({ endpoint }))).toMatchObject({ ready: false });
    expect(await ask(put({ endpoint, readyEditors: ['jupyterlab'] }))).toMatchObject({ ready: true });
    expect(await ask(put({ endpoint }), '')).toMatchObject({ editor: null, ready: true });
    expect(await ask(put({ phase: 'stopped', endpoint, readyEditors: ['jupyterlab'] }))).toMatchObject({
      ready: false,
    });
    expect((await send(test.port, '/api/davit/v1/ready', { host })).status).toBe(401);
    expect(container.requests).toEqual([]);
  });

  it('say that an image has no editor', async () => {
    const cookie = put({ editors: [], endpoint: { host: '127.0.0.1', port: container.port } });
    const page = await send(test.port, '/', { host, cookie, ...PAGE });
    expect(page.status).toBe(404);
    expect(page.body).toContain(`server of ${ADA} has no editor`);
  });

  it('say that a container of other addresses has to be started again, and leave it alone', async () => {
    const cookie = put({ basePath: '/s/other', endpoint: { host: '127.0.0.1', port: container.port } });
    const page = await send(test.port, '/jupyterlab/', { host, cookie, ...PAGE });
    expect(page.status).toBe(503);
    expect(page.body).toContain('has to be started again');
    expect((await send(test.port, '/jupyterlab/', { host, cookie })).status).toBe(503);
    expect(container.requests).toEqual([]);
  });

  it('lead from a wrong address to the hub', async () => {
    const page = await send(test.port, '/', { host: `127.0.0.1:${test.port}`, ...PAGE });
    expect(page.status).toBe(421);
    expect(page.body).toContain(`href="http://localhost:${test.port}/"`);
  });

  it('answer HEAD without a body', async () => {
    const cookie = put({ phase: 'stopped' });
    const answer = await send(test.port, '/jupyterlab/', { host, cookie }, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 503, body: '' });
  });
});

describe('languageOf', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'en'],
    ['zh', 'zh'],
    ['zh-TW,en;q=0.5', 'zh'],
    ['en-GB,zh;q=0.9', 'en'],
    ['en;q=0.3, zh-CN;q=0.7', 'zh'],
    ['de, zh;q=0', 'en'],
    ['zhuang', 'en'],
  ])('of %j is %s', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });
});

describe('reasonText', () => {
  it('is in the language of the reader, as far as there are words', () => {
    const reason = { code: 'building-image', message: 'Preparing the image desktop', params: {} } as const;
    expect(reasonText(reason, 'zh')).toBe('正在准备镜像 desktop');
    expect(reasonText(reason, 'en')).toBe('Preparing the image desktop');
    expect(reasonText({ ...reason, message: 'Said by nobody' }, 'zh')).toBe('Said by nobody');
    expect(reasonText(undefined, 'zh')).toBeUndefined();
  });
});
