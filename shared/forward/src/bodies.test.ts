import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { useForwarder } from '../test/fixture.ts';
import { httpServer, listen, until, type Listening } from '../test/servers.ts';

const LENGTH = 8 * 1024 * 1024;
const PIECE = 100_000;
/** A global costs a test a microsecond each time. */
const { imul } = Math;
/** TLS by a key that both sides know, which needs no certificate. */
const TLS = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
const KEY = Buffer.from('for this test only');

const test = useForwarder();

type Scheme = 'http' | 'https';
type Framing = 'sized' | 'chunked';

const ways: [Scheme, Framing][] = [
  ['http', 'sized'],
  ['http', 'chunked'],
  ['https', 'sized'],
  ['https', 'chunked'],
];

/** Different bytes everywhere and for each `seed`: a piece that is lost, doubled or of another body changes the digest. */
function bytes(seed: number): Buffer {
  const words = new Uint32Array(LENGTH / 4);
  for (let at = 0; at < words.length; at += 1) words[at] = imul(at + seed * 7, 2_654_435_761);
  return Buffer.from(words.buffer);
}

function digest(data: Buffer): string {
  return createHash('sha1').update(data).digest('hex');
}

/** A proxy before `backend` that clients reach by the scheme. */
async function before(backend: Promise<Listening>, scheme: Scheme): Promise<number> {
  const { target } = (test.open[0] = await backend);
  const onRequest: http.RequestListener = (req, res) => {
    void test.forwarder.http(req, res, target).then((result) => {
      if (!result.ok && !result.headersSent) res.writeHead(result.error.status).end();
    });
  };
  const front =
    scheme === 'http' ? http.createServer(onRequest) : https.createServer({ ...TLS, pskCallback }, onRequest);
  test.open[1] = await listen(front);
  return test.open[1].port;
}

function pskCallback(): Buffer {
  return KEY;
}

function request(scheme: Scheme, port: number, path: string, headers?: http.OutgoingHttpHeaders): http.ClientRequest {
  const options = { host: '127.0.0.1', port, path, agent: false, method: headers ? 'POST' : 'GET', headers } as const;
  if (scheme === 'http') return http.request(options);
  const tls: ConnectionOptions = {
    ...TLS,
    pskCallback: () => ({ psk: KEY, identity: 'test' }),
    checkServerIdentity: () => undefined,
  };
  return https.request({ ...options, ...tls });
}

function answerTo(asked: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => asked.on('response', resolve).on('error', reject));
}

/** Writes in pieces, at the pace of the reader. Whoever leaves too early is noticed by what arrives. */
async function pour(data: Buffer, into: Writable): Promise<void> {
  const pieces = Array.from({ length: Math.ceil(data.length / PIECE) }, (_, index) => index * PIECE);
  const source = Readable.from(pieces.map((at) => data.subarray(at, at + PIECE)));
  await pipeline(source, into).catch(() => undefined);
}

/** Writes little at a time, so that it is read as it was written and several reads fit into what may wait. */
async function trickle(data: Buffer, into: http.ServerResponse): Promise<void> {
  for (let at = 0; at < data.length; at += 20_000) {
    const hasRoom = into.write(data.subarray(at, at + 20_000));
    await (hasRoom ? sleep(1) : once(into, 'drain'));
  }
  into.end();
}

/** Reads to the end, late and with pauses: a reader that is always ready never leaves a piece waiting. */
async function read(from: http.IncomingMessage, pauseMs: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  if (pauseMs > 0) await sleep(pauseMs * 30);
  for await (const chunk of from) {
    chunks.push(chunk as Buffer);
    if (pauseMs > 0 && chunks.length % 20 === 0) await sleep(pauseMs);
  }
  return Buffer.concat(chunks);
}

const READERS = [0, 5, 2];

describe('several long bodies at once', () => {
  it.each(ways)('come down whole by %s, %s, to quick and slow clients', async (scheme, framing) => {
    const backend = httpServer((req, res) => {
      if (framing === 'sized') res.setHeader('content-length', LENGTH);
      void pour(bytes(Number(req.url?.slice(1))), res);
    });
    const port = await before(backend, scheme);
    const got = READERS.map(async (pauseMs, index) => {
      const asked = request(scheme, port, `/${index}`);
      asked.end();
      return digest(await read(await answerTo(asked), pauseMs));
    });
    expect(await Promise.all(got)).toEqual(READERS.map((_, index) => digest(bytes(index))));
  });

  it.each(ways)('go up whole by %s, %s, to quick and slow programs', async (scheme, framing) => {
    const backend = httpServer((req, res) => {
      void read(req, READERS[Number(req.url?.slice(1))] ?? 0).then((data) => res.end(digest(data)));
    });
    const port = await before(backend, scheme);
    const got = READERS.map(async (_, index) => {
      const headers = framing === 'sized' ? { 'content-length': LENGTH } : { 'transfer-encoding': 'chunked' };
      const asked = request(scheme, port, `/${index}`, headers);
      const answer = answerTo(asked);
      await pour(bytes(index), asked);
      return (await read(await answer, 0)).toString();
    });
    expect(await Promise.all(got)).toEqual(READERS.map((_, index) => digest(bytes(index))));
  });

  it.each(['http', 'https'] as const)('are not disturbed by others that break off, by %s', async (scheme) => {
    const backend = httpServer((req, res) => {
      if (req.method === 'POST') void read(req, 5).catch(() => undefined);
      else void pour(bytes(Number(req.url?.slice(1))), res);
    });
    const port = await before(backend, scheme);
    const breakOff = async (index: number): Promise<void> => {
      const isUpload = index % 2 === 0;
      const asked = request(scheme, port, `/${index}`, isUpload ? { 'content-length': LENGTH } : undefined);
      asked.on('error', () => undefined);
      if (isUpload) asked.write(bytes(index).subarray(0, LENGTH / 2));
      else asked.end();
      await sleep(20 * index);
      asked.destroy();
    };
    const whole = [20, 21].map(async (seed, index) => {
      const asked = request(scheme, port, `/${seed}`);
      asked.end();
      return digest(await read(await answerTo(asked), 4 * index));
    });
    await Promise.all(Array.from({ length: 8 }, (_, index) => breakOff(index)));
    expect(await Promise.all(whole)).toEqual([digest(bytes(20)), digest(bytes(21))]);
    await until(() => (test.open[1]?.sockets.size ?? 0) === 0);
  });

  it('come down whole when several small pieces wait for the client', async () => {
    const data = bytes(0);
    const backend = httpServer((_req, res) => {
      res.setHeader('content-length', LENGTH);
      void trickle(data, res);
    });
    const asked = request('http', await before(backend, 'http'), '/');
    asked.end();
    const answer = await answerTo(asked);
    answer.pause();
    await sleep(1500);
    expect(digest(await read(answer, 0))).toBe(digest(data));
  });

  it('go over a kept connection one after the other', async () => {
    const backend = httpServer((req, res) => {
      void read(req, 0).then((data) => pour(data, res.setHeader('content-length', data.length)));
    });
    const port = await before(backend, 'http');
    for (let round = 0; round < 4; round += 1) {
      const asked = request('http', port, '/', { 'content-length': LENGTH });
      const answer = answerTo(asked);
      await pour(bytes(round), asked);
      expect(digest(await read(await answer, round))).toBe(digest(bytes(round)));
    }
    expect(test.open[0]?.sockets.size).toBe(1);
  });
});
