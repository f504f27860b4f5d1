import { describe, expect, it } from '@jest/globals';
import http from 'node:http';
import { useForwarder } from '../test/fixture.ts';
import { ask, httpServer, listen, proxy, talk, type Proxy } from '../test/servers.ts';
import type { ForwardOptions } from './types.ts';

const test = useForwarder();

const before = (handler: http.RequestListener, options?: ForwardOptions): Promise<Proxy> =>
  test.before(httpServer(handler), options);

const echo: http.RequestListener = (req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const { method, url, headers } = req;
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ method, url, headers, length: Buffer.concat(chunks).length }));
  });
};

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  length: number;
}

async function askEcho(port: number, question: Parameters<typeof ask>[1]): Promise<Echo> {
  const answer = await ask(port, question);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body.toString()) as Echo;
}

describe('requests', () => {
  it('pass on method, path, query, host and headers', async () => {
    const front = await before(echo);
    const headers = { host: 's-1.localhost:8000', 'x-a': 'b', connection: 'close, x-gone', 'x-gone': '1' };
    const seen = await askEcho(front.port, { method: 'DELETE', path: '/a%20b/?q=1&r=%2F', headers });
    expect(seen).toMatchObject({ method: 'DELETE', url: '/a%20b/?q=1&r=%2F', length: 0 });
    expect(seen.headers).toMatchObject({ host: 's-1.localhost:8000', 'x-a': 'b' });
    expect(seen.headers).not.toHaveProperty('x-gone');
  });

  it('take another path and other headers from the caller', async () => {
    const setHeaders = { 'X-Davit-Secret': 's', cookie: undefined, host: 'inner' };
    const front = await before(echo, { path: '/inner?x', setHeaders });
    const seen = await askEcho(front.port, {
      path: '/outer',
      headers: { cookie: 'hub=1', 'x-davit-secret': 'forged' },
    });
    expect(seen.url).toBe('/inner?x');
    expect(seen.headers).toMatchObject({ host: 'inner', 'x-davit-secret': 's' });
    expect(seen.headers).not.toHaveProperty('cookie');
  });

  it.each([
    ['POST', { 'content-length': '5' }, { 'content-length': '5' }],
    ['GET', { 'content-length': '5' }, { 'content-length': '5' }],
    ['DELETE', { 'content-length': '5' }, { 'content-length': '5' }],
    ['PROPFIND', { 'content-length': '5' }, { 'content-length': '5' }],
  ])('carry the body of a %s', async (method, headers, framing) => {
    const front = await before(echo);
    const seen = await askEcho(front.port, { method, headers, body: 'hello' });
    expect(seen).toMatchObject({ method, length: 5, headers: framing });
  });

  it('carry a body of unknown length', async () => {
    const front = await before(echo);
    const received = new Promise<string>((resolve) => {
      const request = http.request({ host: '127.0.0.1', port: front.port, method: 'PUT', agent: false }, (answer) => {
        answer.on('data', (data: Buffer) => resolve(data.toString()));
      });
      request.write('hel');
      setTimeout(() => request.end('lo'), 20);
    });
    expect(JSON.parse(await received)).toMatchObject({ length: 5, headers: { 'transfer-encoding': 'chunked' } });
  });

  it('say that an empty POST is empty', async () => {
    const front = await before(echo);
    const seen = await askEcho(front.port, { method: 'POST', headers: { 'content-length': '0' } });
    expect(seen.headers['content-length']).toBe('0');
  });

  it('get their "100 Continue" from the proxy, once', async () => {
    const front = await before(echo);
    const request =
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi';
    const received = await talk(front.port, request);
    expect(received.match(/100 Continue/g)).toHaveLength(1);
    expect(received).toContain('"length":2');
    expect(received).not.toContain('"expect"');
  });

  it('use one connection again and again', async () => {
    const front = await before(echo);
    const agent = new http.Agent({ keepAlive: true });
    for (let index = 0; index < 10; index += 1) await askEcho(front.port, { agent });
    agent.destroy();
    expect(test.open[0]?.sockets.size).toBe(1);
  });

  it('answer pipelined requests in order', async () => {
    const front = await before((req, res) => {
      res.setHeader('content-length', 2);
      setTimeout(() => res.end(req.url), req.url === '/1' ? 30 : 0);
    });
    const line = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
    const received = await talk(front.port, line('/1') + line('/2') + line('/3', 'Connection: close\r\n'));
    expect(received.match(/(?<=\n)\/./g)).toEqual(['/1', '/2', '/3']);
  });

  it('reach a program on the IPv6 loopback', async () => {
    const server = http.createServer((_req, res) => res.end('six'));
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    const { port } = server.address() as { port: number };
    const front = await proxy(test.forwarder, { host: '::1', port });
    expect((await ask(front.port)).body.toString()).toBe('six');
    await front.close();
    server.closeAllConnections();
    server.close();
  });
});

describe('answers', () => {
  it('keep status, text, headers and several cookies', async () => {
    const front = await before((_req, res) => {
      res.writeHead(418, 'Short and stout', { 'set-cookie': ['a=1', 'b=2'], 'x-a': 'ä' });
      res.end();
    });
    const received = await talk(front.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1\.1 418 Short and stout\r\n/);
    expect(received).toContain('set-cookie: a=1\r\nset-cookie: b=2\r\n');
    expect(received).toContain('x-a: ä\r\n');
  });

  it('keep every byte of a small body and of a large one', async () => {
    const small = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    const large = Buffer.concat(Array.from({ length: 1000 }, () => small));
    const front = await before((req, res) => {
      const body = req.url === '/small' ? small : large;
      if (req.url !== '/chunks') res.setHeader('content-length', body.length);
      res.write(body.subarray(0, 300));
      res.end(body.subarray(300));
    });
    expect((await ask(front.port, { path: '/small' })).body.equals(small)).toBe(true);
    expect((await ask(front.port, { path: '/large' })).body.equals(large)).toBe(true);
    expect((await ask(front.port, { path: '/chunks' })).body.equals(large)).toBe(true);
  });

  it('can be filtered', async () => {
    const filterResponse: ForwardOptions['filterResponse'] = (status, headers) => ({
      ...headers,
      'x-status': String(status),
      'set-cookie': undefined,
    });
    const front = await before((_req, res) => res.setHeader('set-cookie', 'hub=1').end('x'), { filterResponse });
    const { headers } = await ask(front.port);
    expect(headers['x-status']).toBe('200');
    expect(headers).not.toHaveProperty('set-cookie');
  });

  it('to HEAD keep the length and have no body', async () => {
    const front = await before((_req, res) => res.setHeader('content-length', 5).end('hello'));
    const received = await talk(front.port, 'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(received).toContain('content-length: 5\r\n');
    expect(received.endsWith('\r\n\r\n')).toBe(true);
  });

  it('to HEAD may announce trailers', async () => {
    const front = await before((_req, res) => {
      res.writeHead(200, { trailer: 'x-sum', 'transfer-encoding': 'chunked' });
      res.end();
    });
    expect((await ask(front.port, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([204, 304])('of status %d have no body', async (status) => {
    const front = await before((_req, res) => res.writeHead(status, { etag: '"1"' }).end());
    const received = await talk(front.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(received).toContain('etag: "1"');
    expect(received).not.toMatch(/content-length|transfer-encoding/);
    expect(received.endsWith('\r\n\r\n')).toBe(true);
  });

  it('keep trailers but no cookies in them', async () => {
    const front = await before((_req, res) => {
      res.writeHead(200, { trailer: 'x-sum, set-cookie' });
      res.write('data');
      res.addTrailers({ 'x-sum': '42', 'set-cookie': 'hub=1' });
      res.end();
    });
    const { trailers, headers, body } = await ask(front.port);
    expect(headers['trailer']).toBe('x-sum, set-cookie');
    expect([body.toString(), trailers]).toEqual(['data', { 'x-sum': '42' }]);
  });

  it('without a length end with the connection for an HTTP/1.0 client', async () => {
    const front = await before((_req, res) => {
      res.write('da');
      res.end('ta');
    });
    const received = await talk(front.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n');
    expect(received.endsWith('\r\n\r\ndata')).toBe(true);
  });

  it('may be preceded by early hints', async () => {
    const front = await before((_req, res) => res.writeEarlyHints({ link: '</a>; rel=preload' }, () => res.end('x')));
    expect((await ask(front.port)).body.toString()).toBe('x');
  });

  it('of an event stream arrive piece by piece', async () => {
    let send: (text: string) => void = () => undefined;
    const front = await before((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.flushHeaders();
      send = (text) => res.write(text);
    });
    await new Promise<void>((resolve) => {
      const request = http.get({ host: '127.0.0.1', port: front.port, agent: false }, (answer) => {
        const pieces: string[] = [];
        answer.on('error', () => undefined);
        answer.on('data', (piece: Buffer) => {
          pieces.push(piece.toString());
          if (pieces.length === 1) send('data: 2\n\n');
          if (pieces.length < 2) return;
          expect(pieces).toEqual(['data: 1\n\n', 'data: 2\n\n']);
          request.destroy();
          resolve();
        });
        send('data: 1\n\n');
      });
    });
  });

  it('are counted, both ways', async () => {
    const bytes = { up: 0, down: 0 };
    const front = await before(
      (req, res) => {
        req.resume();
        req.on('end', () => res.end('four'));
      },
      { onActivity: (direction, count) => (bytes[direction] += count) },
    );
    await ask(front.port, { method: 'POST', body: 'sixsix' });
    expect(bytes).toEqual({ up: 6, down: 4 });
  });
});

describe('what is refused', () => {
  const get = (path: string, more = ''): string =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`;

  it.each([
    ['absolute form', 'GET http://evil/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['two hosts', get('/', 'Host: b\r\n')],
    ['a length beside chunks', get('/', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n') + '0\r\n\r\n'],
    ['two lengths', get('/', 'Content-Length: 5\r\nContent-Length: 6\r\n') + 'hello'],
    ['a stacked transfer coding', get('/', 'Transfer-Encoding: gzip, chunked\r\n') + '0\r\n\r\n'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['a path with a control character', get('/a\u0001b')],
    ['a space before the colon', get('/', 'Content-Length : 5\r\n') + 'hello'],
  ])('%s gets 400 and reaches nobody', async (_name, request) => {
    let reached = 0;
    const front = await before((_req, res) => {
      reached += 1;
      res.end();
    });
    expect(await talk(front.port, request)).toMatch(/^HTTP\/1\.1 400 /);
    expect(reached).toBe(0);
  });

  it('refuses doubled framing even behind a lenient parser', async () => {
    let reached = 0;
    const backend = await httpServer((_req, res) => {
      reached += 1;
      res.end();
    });
    const front = await listen(
      http.createServer({ insecureHTTPParser: true }, (req, res) => {
        void test.forwarder.http(req, res, backend.target).then((result) => {
          res.end(result.ok ? 'passed' : result.error.code);
        });
      }),
    );
    test.open.push(backend, front);
    const both = get('/', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n') + '0\r\n\r\n';
    expect(await talk(front.port, both)).toContain('bad-request');
    expect(reached).toBe(0);
  });

  it.each(['//x@x', '/%E0%A4%A', '/..%2f..%2fetc', '/a//b/../c', '/%00'])('passes %s on unchanged', async (path) => {
    const front = await before((req, res) => res.end(req.url));
    expect((await talk(front.port, get(path))).split('\r\n\r\n')[1]).toContain(path);
  });
});
