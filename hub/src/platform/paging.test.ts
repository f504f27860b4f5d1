import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor, timeCursor, toPage } from './paging.ts';

describe('paging', () => {
  it('gives back the key that went in', () => {
    expect(decodeCursor(encodeCursor(['ada', 3]), 2)).toEqual(['ada', 3]);
    expect(decodeCursor(undefined, 2)).toBeUndefined();
  });

  it.each([
    '',
    'x',
    encodeCursor(['a']),
    encodeCursor(['a', 'b\0']),
    Buffer.from('{"a":1}').toString('base64url'),
    Buffer.from('[null,[]]').toString('base64url'),
  ])('refuses the forged cursor %j by its field', (cursor) => {
    expect(() => decodeCursor(cursor, 2)).toThrow(
      expect.objectContaining({ code: 'bad-request', fields: [expect.objectContaining({ path: 'cursor' })] }),
    );
  });

  it('reads times that the database can read, and refuses others', () => {
    const createdAt = new Date('2030-01-01T00:00:00Z');
    for (const time of [createdAt.toISOString(), createdAt.getTime()]) {
      expect(timeCursor(encodeCursor([time, 'a']))).toEqual({ createdAt, id: 'a' });
    }
    expect(timeCursor(undefined)).toBeUndefined();
    for (const time of ['x', '', '+012345-01-01T00:00:00Z', -1, 1e15, 1e300]) {
      expect(() => timeCursor(encodeCursor([time, 'a']))).toThrow(expect.objectContaining({ code: 'bad-request' }));
    }
  });

  it('ends with a null cursor and otherwise points at the last row shown', () => {
    expect(toPage([1, 2], 2, (n) => [n])).toEqual({ items: [1, 2], nextCursor: null });
    expect(toPage([1, 2, 3], 2, (n) => [n])).toEqual({ items: [1, 2], nextCursor: encodeCursor([2]) });
    expect(toPage([], 2, (n) => [n])).toEqual({ items: [], nextCursor: null });
  });
});
