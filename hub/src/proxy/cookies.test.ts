import { describe, expect, it } from '@jest/globals';
import { ownSetCookie, readCookie, withoutDavitCookies } from './cookies.ts';

describe('readCookie', () => {
  it.each([
    ['a=1', '1'],
    ['b=2; a=1', '1'],
    ['b=2;a=1; c=3', '1'],
    ['xa=2; a=1', '1'],
    ['b=a=2; a=1', '1'],
    ['a=x=y', 'x=y'],
    ['b=2', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('finds in %j the value %j', (header, value) => {
    expect(readCookie(header, 'a')).toBe(value);
  });
});

describe('withoutDavitCookies', () => {
  it.each([
    ['_xsrf=1; theme=dark', '_xsrf=1; theme=dark'],
    ['__Host-davit-inst=s; _xsrf=1', '_xsrf=1'],
    ['_xsrf=1;__Host-davit-s-inst=s;  davit-s-abc-inst=t;x=2', '_xsrf=1; x=2'],
    ['__host-DAVIT-s-inst=s', undefined],
    ['__Secure-davit-x=1; davit=2; __Host-davit=3', undefined],
    ['davitson=1; my-davit-x=2', 'davitson=1; my-davit-x=2'],
    ['=davit-s-inst=1; a=2', 'a=2'],
    ['davit-s-inst; a=2', 'a=2'],
    [undefined, undefined],
  ])('makes of %j: %j', (header, kept) => {
    expect(withoutDavitCookies(header)).toBe(kept);
  });
});

describe('ownSetCookie', () => {
  it.each([
    '__Host-davit-inst=x; Path=/; Secure',
    '__Host-davit-s-inst=x; Path=/; Secure',
    'davit-s-abc-inst=x',
    ' DAVIT-inst=x',
    '=davit-inst=x',
    '=__Host-davit-inst=x',
    'davit-inst',
  ])('refuses %j', (value) => {
    expect(ownSetCookie(value, '')).toBeUndefined();
  });

  it.each([
    ['_xsrf=1; Path=/', '_xsrf=1; Path=/'],
    ['a=1; Domain=localhost; Path=/; HttpOnly', 'a=1; Path=/; HttpOnly'],
    ['a=1; DOMAIN = .example.org', 'a=1'],
    ['domain=1; Path=/', 'domain=1; Path=/'],
  ])('makes of %j: %j', (value, own) => {
    expect(ownSetCookie(value, '')).toBe(own);
  });

  it.each([
    ['a=1; Path=/', 'a=1; Path=/s/adaserver001/'],
    ['a=1; path=/s/adaserver0012/', 'a=1; Path=/s/adaserver001/'],
    ['a=1; Path=/s/adaserver001/port/1/', 'a=1; Path=/s/adaserver001/port/1/'],
    ['a=1', 'a=1'],
  ])('keeps in path mode %j to the server: %j', (value, own) => {
    expect(ownSetCookie(value, '/s/adaserver001')).toBe(own);
  });
});
