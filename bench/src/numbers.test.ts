import { describe, expect, it } from '@jest/globals';
import { figure, mebibytes, median, ratio } from './numbers.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[], Number.NaN],
  ])('of %j', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('leaves its argument alone', () => {
    const values = [2, 1];
    median(values);
    expect(values).toEqual([2, 1]);
  });
});

describe('figures', () => {
  it('are short', () => {
    expect([figure(12_345.6), figure(2), figure(1.234), figure(Number.NaN)]).toEqual(['12,346', '2', '1.23', '-']);
    expect([ratio(3, 2), mebibytes(1_572_864), mebibytes(undefined)]).toEqual(['1.50 x', '2 MiB', '-']);
  });
});
