import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { bodyKind, isRefusedTrailer, requestHead, responseHeaders } from './headers.ts';

function request(rawHeaders: [string, string][]): IncomingMessage {
  const headers: IncomingHttpHeaders = {};
  for (const [name, value] of rawHeaders) headers[name.toLowerCase()] ??= value;
  return Object.assign(new IncomingMessage(new Socket()), { headers, rawHeaders: rawHeaders.flat() });
}

describe('bodyKind', () => {
  it.each<[string, [string, string][], string]>([
    ['no framing', [['Host', 'a']], 'none'],
    ['a length of nothing', [['Content-Length', '0']], 'none'],
    ['a length', [['content-length', '12']], 'sized'],
    ['chunks', [['Transfer-Encoding', 'Chunked']], 'chunked'],
  ])('reads %s', (_name, headers, kind) => {
    expect(bodyKind(request(headers))).toBe(kind);
  });

  it.each<[string, [string, string][], string]>([
    [
      'two lengths',
      [
        ['Content-Length', '1'],
        ['content-length', '1'],
      ],
      'more than one Content-Length',
    ],
    [
      'two hosts',
      [
        ['Host', 'a'],
        ['host', 'a'],
      ],
      'more than one Host',
    ],
    [
      'length and chunks',
      [
        ['Content-Length', '1'],
        ['Transfer-Encoding', 'chunked'],
      ],
      'both',
    ],
    ['a stacked coding', [['Transfer-Encoding', 'gzip, chunked']], 'chunked'],
    ['an obscured coding', [['Transfer-Encoding', 'xchunked']], 'chunked'],
    ['a length with a sign', [['Content-Length', '+1']], 'not a number'],
    ['a list of lengths', [['Content-Length', '1, 1']], 'not a number'],
    ['a length beyond exact numbers', [['Content-Length', '9999999999999999']], 'not a number'],
  ])('refuses %s', (_name, headers, message) => {
    expect(() => bodyKind(request(headers))).toThrow(message);
  });
});

describe('requestHead', () => {
  const line = { method: 'GET', path: '/a?b', host: '127.0.0.1:1' };

  function lines(rawHeaders: [string, string][], set?: Record<string, string | undefined>): string[] {
    return requestHead(line, request(rawHeaders).headers, set).split('\r\n');
  }

  it('drops hop-by-hop headers and those that Connection names', () => {
    const sent = lines([
      ['Host', 'app'],
      ['Connection', 'keep-alive, X-Private'],
      ['X-Private', '1'],
      ['TE', 'trailers'],
      ['Upgrade', 'h2c'],
      ['Expect', '100-continue'],
      ['Proxy-Authorization', 'Basic x'],
      ['Transfer-Encoding', 'chunked'],
      ['Accept', '*/*'],
    ]);
    expect(sent).toEqual(['GET /a?b HTTP/1.1', 'host: app', 'accept: */*', '']);
  });

  it('overwrites whatever the case of the names and removes with undefined', () => {
    const received: [string, string][] = [
      ['Host', 'app'],
      ['Cookie', 'hub=1'],
      ['X-Forwarded-For', '1.2.3.4'],
    ];
    const set = { 'X-Forwarded-For': '127.0.0.1', cookie: undefined, 'x-davit-secret': 's' };
    expect(lines(received, set).slice(1)).toEqual(['host: app', 'x-forwarded-for: 127.0.0.1', 'x-davit-secret: s', '']);
  });

  it('cannot be made to drop an overwritten header by naming it in Connection', () => {
    expect(lines([['Connection', 'x-davit-secret, close']], { 'x-davit-secret': 's' })).toContain('x-davit-secret: s');
  });

  it('names the target where the client named no host', () => {
    expect(lines([])[1]).toBe('host: 127.0.0.1:1');
    expect(lines([], { Host: 'inner' })).toEqual(['GET /a?b HTTP/1.1', 'host: inner', '']);
  });

  it.each(['a\r\nx: y', 'a\nb', 'a\0', 'a\u010ab'])('refuses %j as a value', (value) => {
    expect(() => lines([], { 'x-a': value })).toThrow('control character');
  });

  it.each(['', 'a', 'http://a/', '/a b', '/a\r\nx: y', '/\u010a'])('refuses %j as a path', (path) => {
    expect(() => requestHead({ ...line, path }, {}, undefined)).toThrow('slash');
  });
});

describe('responseHeaders', () => {
  it('keeps lists and drops hop-by-hop headers', () => {
    const upstream = { 'set-cookie': ['a=1', 'b=2'], connection: 'close', 'keep-alive': 'timeout=5', 'x-a': '1' };
    expect(responseHeaders(upstream, 200, true)).toEqual({ 'set-cookie': ['a=1', 'b=2'], 'x-a': '1' });
  });

  it('drops what the response names in Connection', () => {
    expect(responseHeaders({ connection: 'X-Hop', 'x-hop': '1', 'x-a': '2' }, 200, true)).toEqual({ 'x-a': '2' });
  });

  it('keeps Trailer only where chunks can carry trailers', () => {
    const upstream = { trailer: 'x-sum', 'transfer-encoding': 'chunked' };
    expect(responseHeaders(upstream, 200, true)).toEqual({ trailer: 'x-sum' });
    expect(responseHeaders(upstream, 200, false)).toEqual({});
    expect(responseHeaders({ trailer: 'x-sum', 'content-length': '1' }, 200, true)).toEqual({ 'content-length': '1' });
  });

  it('drops the length of an answer that has no body', () => {
    expect(responseHeaders({ 'content-length': '5' }, 204, true)).toEqual({});
    expect(responseHeaders({ 'content-length': '5' }, 304, true)).toEqual({ 'content-length': '5' });
  });
});

describe('isRefusedTrailer', () => {
  it('refuses framing and cookies', () => {
    expect(['content-length', 'transfer-encoding', 'set-cookie'].every(isRefusedTrailer)).toBe(true);
    expect(isRefusedTrailer('x-checksum')).toBe(false);
  });
});
