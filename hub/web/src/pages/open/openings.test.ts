import { describe, expect, it } from '@jest/globals';
import { goesInCircles, withOpening } from './openings.ts';

const after = (...moments: number[]): number[] =>
  moments.reduce<number[]>((earlier, now) => withOpening(earlier, now), []);

describe('goesInCircles', () => {
  it('sees a browser that is sent back at once again and again', () => {
    expect(goesInCircles(after(0, 300, 600))).toBe(false);
    expect(goesInCircles(after(0, 300, 600, 900))).toBe(true);
  });

  it('leaves a person alone who opens a server now and then', () => {
    expect(goesInCircles(after(0, 10_000, 20_000, 30_000, 40_000, 50_000))).toBe(false);
  });

  it('forgets moments of a clock that was set back', () => {
    expect(goesInCircles(after(90_000, 91_000, 92_000, 5000))).toBe(false);
  });
});
