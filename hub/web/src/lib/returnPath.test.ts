import { describe, expect, it } from '@jest/globals';
import { returnPath, signInPath } from './returnPath.ts';

describe('returnPath', () => {
  it('leads back to the page that asked for a sign-in, with its query', () => {
    const path = '/open/abcdefghijkl?path=%2Fjupyterlab%2F';
    expect(returnPath(new URL(signInPath(path), 'http://hub').search)).toBe(path);
  });

  it('leads home without a wish', () => {
    expect(returnPath('')).toBe('/');
    expect(signInPath('/')).toBe('/signin');
  });

  it.each([
    'https://elsewhere.example/',
    '//elsewhere.example/',
    '/\\elsewhere.example/',
    '\\/elsewhere.example',
    '/\t/elsewhere.example',
    '/x\\..\\..',
    'javascript:alert(1)',
    'account',
  ])('never leads to another site: %s', (next) => {
    expect(returnPath(`?next=${encodeURIComponent(next)}`)).toBe('/');
  });
});
