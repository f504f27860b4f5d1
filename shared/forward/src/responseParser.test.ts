import { describe, expect, it } from '@jest/globals';
import { ResponseParser } from './responseParser.ts';
import type { ResponseHeaders } from './types.ts';

interface Parsed {
  status: number;
  text: string;
  headers: ResponseHeaders;
  body: string;
  ended: boolean;
  trailers: ResponseHeaders | undefined;
  /** Bytes behind the response. */
  surplus: string;
  persistent: boolean;
}

interface Options {
  method?: string;
  upgrade?: boolean;
  /** Feeds pieces of so many bytes; everything at once by default. */
  step?: number;
  /** The connection ends after the last byte. */
  finish?: boolean;
}

function parse(text: string, { method = 'GET', upgrade, step = text.length, finish }: Options = {}): Parsed {
  const parsed: Parsed = {
    status: 0,
    text: '',
    headers: {},
    body: '',
    ended: false,
    trailers: undefined,
    surplus: '',
    persistent: false,
  };
  const parser = new ResponseParser({
    onHead: (head) => Object.assign(parsed, head),
    onBody: (chunk) => (parsed.body += chunk.toString('latin1')),
    onEnd: (trailers) => Object.assign(parsed, { ended: true, trailers }),
  });
  parser.begin(method, upgrade);
  for (let offset = 0; offset < text.length; offset += step) {
    const piece = Buffer.from(text.slice(offset, offset + step), 'latin1');
    parsed.surplus += piece.toString('latin1', parser.feed(piece));
  }
  if (finish) expect(parser.finish()).toBe(parsed.ended);
  parsed.persistent = parser.isPersistent;
  expect(parser.isDone).toBe(parsed.ended);
  return parsed;
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('a response', () => {
  it('has status, text and headers', () => {
    const parsed = parse('HTTP/1.1 404 Not Found\r\nX-A:b\r\nX-B: \t c d \t\r\nX-C:\r\nContent-Length: 0\r\n\r\n');
    expect(parsed).toMatchObject({ status: 404, text: 'Not Found', ended: true, persistent: true, surplus: '' });
    expect(parsed.headers).toEqual({ 'x-a': 'b', 'x-b': 'c d', 'x-c': '', 'content-length': '0' });
  });

  it.each(['HTTP/1.1 200 \r\n', 'HTTP/1.1 200\r\n'])('needs no text: %j', (line) => {
    expect(parse(`${line}content-length: 0\r\n\r\n`)).toMatchObject({ status: 200, text: '', ended: true });
  });

  it('keeps headers that come several times, and bytes that are no ASCII', () => {
    const { headers } = parse(`${OK}Set-Cookie: a=1\r\nset-cookie: b=2\r\nSET-COOKIE: c=3\r\nx-a: \xa0ä\xa0\r\n\r\n`);
    expect(headers).toEqual({ 'set-cookie': ['a=1', 'b=2', 'c=3'], 'x-a': '\xa0ä\xa0' });
  });

  it('may have headers with names that objects have anyway', () => {
    const { headers } = parse(`${OK}constructor: a\r\ntostring: b\r\n__proto__: c\r\n__proto__: d\r\n\r\n`);
    expect(Object.entries(headers)).toEqual([
      ['constructor', 'a'],
      ['tostring', 'b'],
    ]);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  it('has a body of known length', () => {
    expect(parse(`${OK}content-length: 4\r\n\r\nbody`)).toMatchObject({ body: 'body', ended: true, persistent: true });
    expect(parse(`${OK}content-length: 5\r\n\r\nbody`, { finish: true })).toMatchObject({ body: 'body', ended: false });
  });

  it('has a body in chunks, with trailers', () => {
    const chunks = '4;name="v"\r\nbody\r\nA \r\n0123456789\r\n000\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n';
    const parsed = parse(`${OK}Transfer-Encoding: Chunked\r\n\r\n${chunks}`);
    expect(parsed).toMatchObject({ body: 'body0123456789', ended: true, persistent: true });
    expect(parsed.trailers).toEqual({ 'x-sum': ['1', '2'] });
  });

  it('has a body that ends with the connection', () => {
    expect(parse(`${OK}\r\nbody`, { finish: true })).toMatchObject({ body: 'body', ended: true, persistent: false });
    expect(parse(`${OK}\r\nbody`)).toMatchObject({ body: 'body', ended: false });
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\n'],
  ])('has no body: %s %j', (method, text) => {
    expect(parse(text, { method })).toMatchObject({ body: '', ended: true, persistent: true, trailers: undefined });
  });

  it('may be preceded by interim ones', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    expect(parse(`${interim}${OK}content-length: 1\r\n\r\nx`)).toMatchObject({ status: 200, body: 'x', ended: true });
    expect(parse(`${interim}${OK}content-length: 1\r\n\r\nx`).headers).toEqual({ 'content-length': '1' });
  });

  it('leaves what follows it alone', () => {
    expect(parse(`${OK}content-length: 1\r\n\r\nxHTTP/1.1 200`)).toMatchObject({ body: 'x', surplus: 'HTTP/1.1 200' });
    expect(parse(`${OK}content-length: 0\r\n\r\nx`)).toMatchObject({ body: '', surplus: 'x' });
  });

  it('to an upgrade ends with its head', () => {
    const text = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x81\x02hi';
    expect(parse(text, { upgrade: true })).toMatchObject({ status: 101, ended: true, surplus: '\x81\x02hi' });
  });

  it.each([
    ['HTTP/1.1', '', true],
    ['HTTP/1.1', 'Connection: Close\r\n', false],
    ['HTTP/1.1', 'Connection: x, close\r\n', false],
    ['HTTP/1.0', '', false],
    ['HTTP/1.0', 'Connection: keep-alive\r\n', true],
  ])('of %s with %j lets the connection live: %s', (version, header, persistent) => {
    expect(parse(`${version} 200 OK\r\n${header}content-length: 0\r\n\r\n`)).toMatchObject({ persistent });
  });

  it.each([
    ['a known length', `${OK}a: b\r\nc: d\r\ncontent-length: 12\r\n\r\nhello\r\nworld!`, {}],
    ['chunks', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n2;x=y\r\n\r\n\r\n0\r\na: b\r\n\r\n`, {}],
    ['the end of the connection', `${OK}\r\nhello\r\n\r\nworld`, { finish: true }],
    ['interim responses', `HTTP/1.1 100 x\r\n\r\n${OK}content-length: 1\r\n\r\n!`, {}],
    ['an upgrade', 'HTTP/1.1 101 x\r\na: b\r\n\r\nrest\r\n\r\n', { upgrade: true }],
  ])('is the same in pieces of any size: %s', (_name, text, options) => {
    const whole = parse(text, options);
    expect(whole.ended).toBe(true);
    for (let step = 1; step < text.length; step += 1) expect(parse(text, { ...options, step })).toEqual(whole);
  });
});

describe('what is refused', () => {
  const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an empty line first', `\r\n${OK}\r\n`],
    ['another version', 'HTTP/2 200\r\n\r\n'],
    ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 99 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['NUL in the text', 'HTTP/1.1 200 O\0K\r\n\r\n'],
    ['NUL in a value', `${OK}a: b\0c\r\n\r\n`],
    ['DEL in a value', `${OK}a: b\x7fc\r\n\r\n`],
    ['a lone line feed in the head', 'HTTP/1.1 200 OK\na: b\r\n\r\n'],
    ['a lone line feed in a value', `${OK}a: b\nset-cookie: c\r\n\r\n`],
    ['a lone carriage return in a value', `${OK}a: b\rset-cookie: c\r\n\r\n`],
    ['a folded line', `${OK}a: b\r\n c\r\n\r\n`],
    ['a blank before the colon', `${OK}a : b\r\n\r\n`],
    ['a name that is empty', `${OK}: b\r\n\r\n`],
    ['a line without a colon', `${OK}abc\r\n\r\n`],
    ['a length beside chunks', `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['two lengths', `${OK}content-length: 1\r\ncontent-length: 1\r\n\r\n`],
    ['two codings', `${OK}transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['a stacked coding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
    ['a length that is a list', `${OK}content-length: 1, 1\r\n\r\n`],
    ['a length with a sign', `${OK}content-length: +1\r\n\r\n`],
    ['a length that is empty', `${OK}content-length:\r\n\r\n`],
    ['a length in hexadecimal', `${OK}content-length: 0x1\r\n\r\n`],
    ['a length beyond exact numbers', `${OK}content-length: 9999999999999999\r\n\r\n`],
    ['a chunk size that is no number', `${CHUNKED}x\r\n`],
    ['a chunk size with a sign', `${CHUNKED}-1\r\n`],
    ['a chunk size that is empty', `${CHUNKED}\r\n`],
    ['a chunk size that is endless', `${CHUNKED}${'0'.repeat(5000)}`],
    ['a chunk size with a lone line feed', `${CHUNKED}1\nx\r\n`],
    ['a chunk that is longer than it says', `${CHUNKED}1\r\nxy\r\n`],
    ['a chunk extension with NUL', `${CHUNKED}1;a=\0\r\n`],
    ['a trailer without a colon', `${CHUNKED}0\r\nabc\r\n`],
    ['endless trailers', `${CHUNKED}0\r\n${`a: ${'b'.repeat(1000)}\r\n`.repeat(40)}`],
    ['a head of 40 KB', `${OK}a: ${'b'.repeat(40_000)}\r\n\r\n`],
    ['an endless head', `${OK}a: ${'b'.repeat(40_000)}`],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 x\r\n\r\n'],
    ['endless interim responses', 'HTTP/1.1 100 x\r\n\r\n'.repeat(40)],
  ])('%s, in one piece and byte by byte', (_name, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'bad-response' }));
    expect(() => parse(text, { step: 1 })).toThrow(expect.objectContaining({ code: 'bad-response' }));
  });

  it('a hostile header of many blanks costs no more than its length', () => {
    const began = performance.now();
    parse(`${OK}a:${' '.repeat(30_000)}b${' '.repeat(1000)}\r\n\r\n`);
    expect(performance.now() - began).toBeLessThan(200);
  });
});

describe('one parser', () => {
  it('reads one response after the other', () => {
    const bodies: string[] = [];
    const parser = new ResponseParser({
      onHead: () => bodies.push(''),
      onBody: (chunk) => bodies.push(`${bodies.pop() ?? ''}${chunk.toString()}`),
      onEnd: () => undefined,
    });
    for (const body of ['one', 'two']) {
      parser.begin('GET');
      parser.feed(Buffer.from(`${OK}content-length: 3\r\n\r\n${body}`));
    }
    expect(bodies).toEqual(['one', 'two']);
  });

  it('reads no more after it was told to give up, even from within a call', () => {
    const seen: string[] = [];
    const parser: ResponseParser = new ResponseParser({
      onHead: () => seen.push('head'),
      onBody: () => {
        seen.push('body');
        parser.abandon();
      },
      onEnd: () => seen.push('end'),
    });
    parser.begin('GET');
    parser.feed(Buffer.from(`${OK}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n1\r\ny\r\n0\r\n\r\n`));
    expect(seen).toEqual(['head', 'body']);
    expect([parser.isDone, parser.isPersistent]).toEqual([true, false]);
  });
});
