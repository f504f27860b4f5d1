import { describe, expect, it } from '@jest/globals';
import { ForwardError, forwardError, toForwardError } from './errors.ts';

function coded(code: string, message = 'x'): Error {
  return Object.assign(new Error(message), { code });
}

describe('toForwardError', () => {
  it.each([
    [coded('ECONNREFUSED'), 'refused', 502],
    [new AggregateError([coded('ECONNREFUSED')]), 'refused', 502],
    [coded('ECONNRESET'), 'reset', 502],
    [coded('ETIMEDOUT'), 'timeout', 504],
    [coded('ERR_INVALID_CHAR'), 'bad-response', 502],
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
