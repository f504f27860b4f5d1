import { describe, expect, it } from '@jest/globals';
import { ForwardError, forwardError, toForwardError } from './errors.ts';

function coded(code: string, message = 'x'): Error {
  return Object.assign(new Error(message), { code });
}

describe('toForwardError', () => {
  it.each([
    [coded('ECONNREFUSED'), 'refused', 502],
    [new AggregateError([coded('ECONNREFUSED')]), 'refused', 502],
    [coded('UND_ERR_CONNECT_TIMEOUT'), 'timeout', 504],
    [coded('UND_ERR_HEADERS_TIMEOUT'), 'timeout', 504],
    [coded('ECONNRESET'), 'reset', 502],
    [coded('UND_ERR_SOCKET', 'other side closed'), 'reset', 502],
    [coded('UND_ERR_SOCKET', 'bad upgrade'), 'bad-response', 502],
    [Object.assign(new Error('x'), { name: 'HTTPParserError' }), 'bad-response', 502],
    [coded('HPE_INVALID_HEADER_TOKEN'), 'bad-response', 502],
    [coded('ERR_INVALID_CHAR'), 'bad-response', 502],
    [coded('UND_ERR_INVALID_ARG'), 'bad-request', 400],
    [coded('UND_ERR_DESTROYED'), 'disposed', 503],
    ['a thrown string', 'reset', 502],
  ])('%s', (cause, code, status) => {
    const error = toForwardError(cause);
    expect([error.code, error.status]).toEqual([code, status]);
    expect(error.cause).toBe(cause);
  });

  it('leaves its own errors as they are', () => {
    const error = new ForwardError('bad-request', 'Two hosts.');
    expect(toForwardError(error)).toBe(error);
    expect(forwardError('client-gone').message).toContain('client');
  });
});
