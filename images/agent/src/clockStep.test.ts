import { describe, expect, it } from '@jest/globals';
import { ClockStep } from './clockStep.ts';

const HOUR = 3_600_000;

describe('a clock step', () => {
  it('is what the clock moved beyond the time that passed, forward or back', () => {
    let [wall, passed] = [Date.UTC(2030, 0, 1), 5000.25];
    const step = new ClockStep(
      () => wall,
      () => passed,
    );
    const pass = (ms: number, set = 0): number => {
      passed += ms;
      wall += ms + set;
      return step.ms;
    };
    expect(step.ms).toBe(0);
    expect(pass(90 * 60_000 + 0.4)).toBe(0);
    expect(pass(1000, HOUR)).toBe(HOUR);
    expect(pass(HOUR)).toBe(HOUR);
    expect(pass(1000, -3 * HOUR)).toBe(-2 * HOUR);
    expect(pass(0, 2 * HOUR)).toBe(0);
  });

  it('is none by the machine’s own clocks while nobody sets them', () => {
    expect(Math.abs(new ClockStep().ms)).toBeLessThan(50);
  });
});
