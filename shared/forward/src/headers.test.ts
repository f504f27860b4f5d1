import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { bodyKind, isRefusedTrailer, requestHeaders, responseHeaders } from './headers.ts';

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

describe('requestHeaders', () => {
  it('drops hop-by-hop headers and those that Connection names', () => {
    const req = request([
      ['Host', 'app'],
      ['Connection', 'keep-alive, X-Private'],
      ['X-Private', '1'],
      ['TE', 'trailers'],
      ['Upgrade', 'h2c'],
      ['Expect', '100-continue'],
      ['Proxy-Authorization', 'Basic x'],
      ['Accept', '*/*'],
    ]);
    expect(requestHeaders(req, undefined)).toEqual(['host', 'app', 'accept', '*/*']);
  });

  it('overwrites whatever the case of the names and removes with undefined', () => {
    const req = request([
      ['Host', 'app'],
      ['Cookie', 'hub=1'],
      ['X-Forwarded-For', '1.2.3.4'],
    ]);
    const set = { 'X-Forwarded-For': '127.0.0.1', cookie: undefined, 'x-davit-secret': 's' };
    expect(requestHeaders(req, set)).toEqual(['host', 'app', 'x-forwarded-for', '127.0.0.1', 'x-davit-secret', 's']);
  });

  it('cannot be made to drop an overwritten header by naming it in Connection', () => {
    const req = request([['Connection', 'x-davit-secret, close']]);
    expect(requestHeaders(req, { 'x-davit-secret': 's' })).toEqual(['x-davit-secret', 's']);
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
