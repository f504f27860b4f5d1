import { describe, expect, it } from '@jest/globals';
import { isOwnOrigin } from './origin.ts';

describe('isOwnOrigin', () => {
  it.each([
    [{ origin: 'http://localhost:8000' }, true],
    [{}, true],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ origin: 'http://s-abc.localhost:8000' }, false],
    [{ origin: 'null' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
  ])('%j → %s', (headers, expected) => {
    expect(isOwnOrigin(headers, 'http://localhost:8000')).toBe(expected);
  });
});
