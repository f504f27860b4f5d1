import { describe, expect, it } from '@jest/globals';
import { formatBytes, formatCores, formatDuration, formatMemory, formatRelative, trim } from './format.ts';

const UNITS = { day: 'd', hour: 'h', minute: 'min', second: 's' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('formatDuration', () => {
  it.each([
    [-5000, '0 s'],
    [0, '0 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [HOUR - 1, '59 min'],
    [HOUR, '1 h'],
    [2 * HOUR + 10 * MINUTE, '2 h 10 min'],
    [DAY - 1, '23 h 59 min'],
    [DAY + 30 * MINUTE, '1 d'],
    [3 * DAY + 5 * HOUR, '3 d 5 h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms, UNITS)).toBe(text);
  });
});

describe('formatRelative', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');

  it.each([
    [now - 59_000, 'now'],
    [now - MINUTE, '1 minute ago'],
    [now - 3 * HOUR, '3 hours ago'],
    [now - DAY, 'yesterday'],
    [now - 59 * DAY, '59 days ago'],
    [now - 61 * DAY, '2 months ago'],
    [now + 2 * HOUR + MINUTE, 'in 2 hours'],
  ])('writes %d', (at, text) => {
    expect(formatRelative(at, now, 'en-US')).toBe(text);
  });

  it('writes in the given language', () => {
    expect(formatRelative(now - 3 * DAY, now, 'zh-CN')).toMatch(/^3\s?天前$/);
  });
});

describe('sizes', () => {
  it('writes memory in MiB below one GiB and in GiB from there', () => {
    expect(formatMemory(512)).toBe('512 MiB');
    expect(formatMemory(1024)).toBe('1 GiB');
    expect(formatMemory(1536)).toBe('1.5 GiB');
    expect(formatMemory(262_144)).toBe('256 GiB');
  });

  it('writes bytes as people know the sizes of images', () => {
    expect(formatBytes(459 * 1024 ** 2)).toBe('459 MiB');
    expect(formatBytes(9.1 * 1024 ** 3)).toBe('9.1 GiB');
  });

  it('writes busy cores with one decimal, so that a live figure does not jump', () => {
    expect([0, 0.04, 0.06, 1.96, 4].map(formatCores)).toEqual(['0.0', '0.0', '0.1', '2.0', '4.0']);
  });

  it('leaves out a decimal that says nothing', () => {
    expect(trim(2)).toBe('2');
    expect(trim(0.1 + 0.2)).toBe('0.3');
  });
});
