import { describe, expect, it } from '@jest/globals';
import { daysIn, dayOf, readRange } from './usageRange.ts';

const NOW = new Date(2026, 2, 31, 23, 30);

describe('the range of days in the address', () => {
  it.each([
    [
      { from: '', to: '', days: '' },
      { from: '2026-03-02', to: '2026-03-31', preset: '30' },
    ],
    [
      { from: '', to: '', days: '7' },
      { from: '2026-03-25', to: '2026-03-31', preset: '7' },
    ],
    [
      { from: '', to: '', days: '8' },
      { from: '2026-03-02', to: '2026-03-31', preset: '30' },
    ],
    [
      { from: '2026-01-05', to: '2026-01-06', days: '7' },
      { from: '2026-01-05', to: '2026-01-06' },
    ],
    [
      { from: '2026-01-07', to: '2026-01-06', days: '7' },
      { from: '2026-03-25', to: '2026-03-31', preset: '7' },
    ],
    [
      { from: '2026-13-01', to: '2026-13-02', days: '' },
      { from: '2026-03-02', to: '2026-03-31', preset: '30' },
    ],
    [
      { from: '2026-01-05', to: '', days: '' },
      { from: '2026-03-02', to: '2026-03-31', preset: '30' },
    ],
  ])('%j is %j', (given, range) => {
    expect(readRange(given, NOW)).toEqual(range);
  });

  it('has each of its days once, also where clocks change and in a leap year', () => {
    expect(daysIn({ from: '2024-02-28', to: '2024-03-01' })).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
    expect(daysIn({ from: '2026-03-28', to: '2026-03-30' })).toHaveLength(3);
    expect(daysIn({ from: '2026-03-28', to: '2026-03-28' })).toEqual(['2026-03-28']);
  });

  it('ends on the day it is here', () => {
    expect(dayOf(NOW)).toBe('2026-03-31');
  });
});
