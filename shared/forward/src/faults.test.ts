import { describe, expect, it } from '@jest/globals';
import http from 'node:http';
import net from 'node:net';
import { useForwarder } from '../test/fixture.ts';
import { ask, canned, httpServer, listen, rawServer, talk, until } from '../test/servers.ts';
import { ForwardError } from './errors.ts';

const test = useForwarder();
const { before } = test;

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function connect(port: number, text: string): net.Socket {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
  socket.on('error', () => undefined);
  return socket;
}

describe('a target that misbehaves', () => {
  it('and refuses connections gives the caller its turn', async () => {
    const unused = await canned('');
    await unused.close();
    const front = await before(Promise.resolve(unused));
    for (const question of [{}, { method: 'POST', body: 'x'.repeat(100_000) }]) {
      const answer = await ask(front.port, question);
      expect([answer.status, answer.headers['x-error']]).toEqual([502, 'refused']);
    }
  });

  const ok = 'HTTP/1.1 200 OK\r\n';
  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['NUL in a header', `${ok}x-a: a\0b\r\ncontent-length: 0\r\n\r\n`],
    ['NUL in the status text', `HTTP/1.1 200 O\0K\r\ncontent-length: 0\r\n\r\n`],
    ['a control character in a header', `${ok}x-a: a\u0001b\r\ncontent-length: 0\r\n\r\n`],
    ['a control character in the status text', `HTTP/1.1 200 O\u0001K\r\ncontent-length: 0\r\n\r\n`],
    ['a header name with a space', `${ok}x a: b\r\ncontent-length: 0\r\n\r\n`],
    ['a header without a name', `${ok}: b\r\ncontent-length: 0\r\n\r\n`],
    ['two lengths', `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
    ['a length beside chunks', `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a negative length', `${ok}content-length: -1\r\n\r\n`],
    ['a chunk size that is no number', `${ok}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nxyz\r\n`],
    ['a 101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['60 KB of headers', `${ok}x-a: ${'a'.repeat(60_000)}\r\n\r\n`],
  ])('and sends %s gives 502', async (_name, text) => {
    const front = await before(canned(text));
    const answer = await ask(front.port);
    expect([answer.status, answer.headers['x-error']]).toEqual([502, 'bad-response']);
    expect(answer.headers).not.toHaveProperty('x-a');
  });

  it('and closes without a word gives 502, and nothing is sent twice', async () => {
    let seen = 0;
    const front = await before(
      rawServer((socket) => {
        seen += 1;
        socket.destroy();
      }),
    );
    for (const question of [{}, { method: 'POST', body: 'x' }, { method: 'DELETE' }]) {
      const answer = await ask(front.port, question);
      expect([answer.status, answer.headers['x-error']]).toEqual([502, 'reset']);
    }
    expect(seen).toBe(3);
  });

  it('and closes a kept connection just when it is used again is asked once more', async () => {
    const front = await before(
      rawServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        socket.on('data', () => socket.resetAndDestroy());
      }),
    );
    for (let index = 0; index < 3; index += 1) expect((await ask(front.port)).body.toString()).toBe('ok');
    // Whether a POST was acted upon before the reset cannot be known.
    expect((await ask(front.port, { method: 'POST', body: 'x' })).headers['x-error']).toBe('reset');
  });

  it('and resets in the middle of its body cuts the client off', async () => {
    const front = await before(
      rawServer((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
        setTimeout(() => socket.resetAndDestroy(), 20);
      }),
    );
    await expect(ask(front.port)).rejects.toThrow('aborted');
    expect(await front.nextResult()).toMatchObject({ ok: false, headersSent: true, error: { code: 'reset' } });
  });

  it.each([
    ['ends before its announced length', 'content-length: 100\r\n\r\nhalf', 'reset'],
    ['ends before its last chunk', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'reset'],
  ])('and %s is not taken for complete', async (_name, rest, code) => {
    const front = await before(canned(`${ok}${rest}`));
    await expect(ask(front.port)).rejects.toThrow('aborted');
    expect(await front.nextResult()).toMatchObject({ ok: false, headersSent: true, error: { code } });
  });

  it('and never answers runs into the time-out', async () => {
    await test.withOptions({ headersTimeoutMs: 200 });
    const front = await before(rawServer(() => undefined));
    const answer = await ask(front.port);
    expect([answer.status, answer.headers['x-error']]).toEqual([504, 'timeout']);
  });

  it('and pauses within its body for longer than the time-out is waited for', async () => {
    await test.withOptions({ headersTimeoutMs: 100 });
    const front = await before(
      httpServer((_req, res) => {
        res.write('a');
        setTimeout(() => res.end('b'), 400);
      }),
    );
    expect((await ask(front.port)).body.toString()).toBe('ab');
  });

  it('and answers before it has read the upload is heard, and the client can go on', async () => {
    const front = await before(httpServer((_req, res) => res.writeHead(413).end('too large')));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const answer = await ask(front.port, { method: 'POST', body: Buffer.alloc(20_000_000), agent });
    expect([answer.status, answer.body.toString()]).toEqual([413, 'too large']);
    expect((await ask(front.port, { agent })).status).toBe(413);
    expect(front.sockets.size).toBe(1);
    agent.destroy();
  });

  it('does not hold up another target', async () => {
    const silent = await before(rawServer(() => undefined));
    const waiting = connect(silent.port, GET);
    const front = await before(httpServer((_req, res) => res.end('fine')));
    expect((await ask(front.port)).body.toString()).toBe('fine');
    waiting.destroy();
  });

  it('can be refused by the filter, which names the error', async () => {
    const refusal = new ForwardError('timeout', 'Not this one.');
    const filterResponse = (): never => {
      throw refusal;
    };
    const front = await before(
      httpServer((_req, res) => res.setHeader('x-a', 'b').end('secret')),
      { filterResponse },
    );
    const answer = await ask(front.port);
    expect([answer.status, answer.body.toString()]).toEqual([504, 'Not this one.']);
    expect(answer.headers).not.toHaveProperty('x-a');
    expect(await front.nextResult()).toEqual({ ok: false, headersSent: false, error: refusal });
  });

  it('makes the filter throw: still only an error result', async () => {
    const filterResponse = (): never => {
      throw new Error('filter');
    };
    const front = await before(
      httpServer((_req, res) => res.end('x')),
      { filterResponse },
    );
    expect((await ask(front.port)).status).toBe(502);
  });
});

describe('a client that leaves', () => {
  it('before the answer ends the request upstream', async () => {
    const front = await before(rawServer(() => undefined));
    const backend = test.open[0];
    const client = connect(front.port, GET);
    await until(() => backend?.sockets.size === 1);
    client.resetAndDestroy();
    expect(await front.nextResult()).toMatchObject({ ok: false, headersSent: false, error: { code: 'client-gone' } });
    await until(() => backend?.sockets.size === 0);
  });

  it('in the middle of a download ends it upstream', async () => {
    const front = await before(httpServer((_req, res) => res.write('begin')));
    const client = connect(front.port, GET);
    await new Promise((resolve) => client.once('data', resolve));
    client.destroy();
    expect(await front.nextResult()).toMatchObject({ ok: false, headersSent: true, error: { code: 'client-gone' } });
    await until(() => test.open[0]?.sockets.size === 0);
  });

  it('in the middle of an upload ends it upstream', async () => {
    const front = await before(httpServer((req) => req.resume()));
    const client = connect(front.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf');
    await until(() => test.open[0]?.sockets.size === 1);
    client.resetAndDestroy();
    expect(await front.nextResult()).toMatchObject({ ok: false, error: { code: 'client-gone' } });
    await until(() => test.open[0]?.sockets.size === 0);
  });

  it('while it waits for a free connection is forgotten', async () => {
    await test.withOptions({ connections: 1 });
    let release: () => void = () => undefined;
    let reached = 0;
    const front = await before(
      httpServer((_req, res) => {
        reached += 1;
        release = () => res.end('first');
      }),
    );
    const first = ask(front.port);
    await until(() => reached === 1);
    const second = connect(front.port, GET);
    await until(() => front.sockets.size === 2);
    second.resetAndDestroy();
    expect(await front.nextResult()).toMatchObject({ error: { code: 'client-gone' } });
    release();
    expect((await first).body.toString()).toBe('first');
    expect(reached).toBe(1);
  });

  it('with requests in line behind another ends all of them upstream', async () => {
    const front = await before(rawServer(() => undefined));
    const client = connect(front.port, GET.repeat(12));
    await until(() => test.open[0]?.sockets.size === 12);
    client.resetAndDestroy();
    await until(() => test.open[0]?.sockets.size === 0 && front.results.length === 12);
  });

  it('1,000 times leaves no connection behind', async () => {
    const front = await before(
      httpServer((req, res) => {
        if (req.url === '/fine') res.end('fine');
        else setTimeout(() => res.end('late'), 30);
      }),
    );
    for (let round = 0; round < 20; round += 1) {
      const clients = Array.from({ length: 50 }, () => connect(front.port, GET));
      await new Promise((resolve) => setTimeout(resolve, round));
      for (const client of clients) client.resetAndDestroy();
    }
    await until(() => front.sockets.size === 0);
    expect((await ask(front.port, { path: '/fine' })).body.toString()).toBe('fine');
    await until(() => (test.open[0]?.sockets.size ?? 0) <= 1);
  });
});

describe('a slow side', () => {
  const MEGABYTE = Buffer.alloc(1024 * 1024);

  it('slows a download down instead of filling memory', async () => {
    let sent = 0;
    const front = await before(
      httpServer((_req, res) => {
        const more = (): void => {
          while (sent < 100 && res.write(MEGABYTE)) sent += 1;
          if (sent >= 100) res.end();
          else sent += 1;
        };
        res.on('drain', more);
        more();
      }),
    );
    const answer = await new Promise<http.IncomingMessage>((resolve) => {
      http.get({ host: '127.0.0.1', port: front.port, agent: false }, resolve);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toBeLessThan(30);
    let received = 0;
    for await (const chunk of answer) received += (chunk as Buffer).length;
    expect(received).toBeGreaterThanOrEqual(100 * MEGABYTE.length);
  });

  it('that pauses at the very end does not spoil the connection for the next request', async () => {
    const front = await before(
      httpServer((_req, res) =>
        res.setHeader('content-length', 8 * MEGABYTE.length).end(Buffer.alloc(8 * MEGABYTE.length)),
      ),
    );
    for (let round = 0; round < 3; round += 1) {
      const answer = await new Promise<http.IncomingMessage>((resolve) => {
        http.get({ host: '127.0.0.1', port: front.port, agent: false }, resolve);
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      let received = 0;
      for await (const chunk of answer) received += (chunk as Buffer).length;
      expect(received).toBe(8 * MEGABYTE.length);
    }
    expect(test.open[0]?.sockets.size).toBe(1);
  });

  it('slows an upload down instead of filling memory', async () => {
    let begin: () => void = () => undefined;
    const front = await before(
      httpServer((req, res) => {
        begin = () => {
          let received = 0;
          req.on('data', (chunk: Buffer) => (received += chunk.length));
          req.on('end', () => res.end(String(received)));
        };
      }),
    );
    let sent = 0;
    const total = 100;
    const answer = new Promise<http.IncomingMessage>((resolve) => {
      const headers = { 'content-length': total * MEGABYTE.length };
      const options = { host: '127.0.0.1', port: front.port, agent: false, method: 'POST', headers };
      const request = http.request(options, resolve);
      const more = (): void => {
        while (sent < total) {
          sent += 1;
          if (!request.write(MEGABYTE)) return;
        }
        request.end();
      };
      request.on('drain', more);
      more();
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sent).toBeLessThan(30);
    begin();
    const chunks: Buffer[] = [];
    for await (const chunk of await answer) chunks.push(chunk as Buffer);
    expect(Number(Buffer.concat(chunks).toString())).toBe(total * MEGABYTE.length);
  });
});

describe('connections', () => {
  it('are not used for longer than the target says it keeps them', async () => {
    let connections = 0;
    const front = await before(
      rawServer((socket) => {
        connections += 1;
        const answer = 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=2, max=100\r\ncontent-length: 0\r\n\r\n';
        socket.write(answer);
        socket.on('data', () => socket.write(answer));
      }),
    );
    await ask(front.port);
    await until(() => test.open[0]?.sockets.size === 0);
    await ask(front.port);
    expect(connections).toBe(2);
  });

  it('with bytes that nobody asked for are not used again', async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
    const front = await before(rawServer((socket) => socket.write(answer + answer.replace('ok', 'no'))));
    for (let round = 0; round < 3; round += 1) expect((await ask(front.port)).body.toString()).toBe('ok');
  });

  it('that were refused leave the body unread, so that it can go elsewhere', async () => {
    const gone = await canned('');
    await gone.close();
    const backend = await httpServer((req, res) => req.pipe(res));
    const server = http.createServer((req, res) => {
      void (async () => {
        expect(await test.forwarder.http(req, res, gone.target)).toMatchObject({ error: { code: 'refused' } });
        await test.forwarder.http(req, res, backend.target);
      })();
    });
    const front = await listen(server);
    test.open.push(backend, front);
    const body = Buffer.alloc(300_000, 'x');
    expect((await ask(front.port, { method: 'POST', body })).body.equals(body)).toBe(true);
  });

  it('are bounded per target; a request that waits too long is answered', async () => {
    await test.withOptions({ connections: 2, connectTimeoutMs: 100 });
    const front = await before(rawServer(() => undefined));
    const holding = [connect(front.port, GET), connect(front.port, GET)];
    await until(() => test.open[0]?.sockets.size === 2);
    const answer = await ask(front.port);
    expect([answer.status, answer.headers['x-error']]).toEqual([504, 'timeout']);
    expect(test.open[0]?.sockets.size).toBe(2);
    for (const client of holding) client.destroy();
  });

  it('are handed on: many requests through few connections', async () => {
    await test.withOptions({ connections: 3 });
    const front = await before(httpServer((_req, res) => setTimeout(() => res.end('x'), 2)));
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(front.port)));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(test.open[0]?.sockets.size).toBeLessThanOrEqual(3);
  });

  it('are closed when a target is idle', async () => {
    await test.withOptions({ poolIdleMs: 50 });
    const front = await before(httpServer((_req, res) => res.end('x')));
    await ask(front.port);
    await until(() => test.forwarder.usage.pools === 0 && test.open[0]?.sockets.size === 0);
    expect((await ask(front.port)).status).toBe(200);
  });

  it('are kept for a bounded number of targets', async () => {
    await test.withOptions({ maxPools: 2 });
    for (let index = 0; index < 5; index += 1) {
      const front = await before(httpServer((_req, res) => res.end('x')));
      await ask(front.port);
    }
    expect(test.forwarder.usage.pools).toBe(2);
  });

  it('end with the forwarder, which then refuses', async () => {
    const front = await before(rawServer(() => undefined));
    const waiting = ask(front.port);
    await until(() => test.open[0]?.sockets.size === 1);
    await test.forwarder.dispose();
    expect((await waiting).headers['x-error']).toBe('disposed');
    expect((await ask(front.port)).headers['x-error']).toBe('disposed');
    expect(await talk(front.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain('503');
  });
});
