import { describe, expect, it } from '@jest/globals';
import { coursePath, firstMetric, formatDay, formatHours, hoursOf, shownMetrics } from './figures.ts';
import { USAGE_TEXTS } from './usageTexts.ts';

const day = { minutes: 90, cpuCoreMinutes: 180, memoryGbMinutes: 360, gpuCardMinutes: 0 };

describe('the figures', () => {
  it('are hours of time, cores, GiB and cards', () => {
    expect(hoursOf(day, 'minutes')).toBe(1.5);
    expect(hoursOf(day, 'cpu')).toBe(3);
    expect(hoursOf(day, 'memory')).toBe(6);
    expect(hoursOf(day, 'gpu')).toBe(0);
  });

  it.each([
    [0, '0'],
    [0.01, '< 0.1'],
    [0.05, '0.1'],
    [1.26, '1.3'],
    [99.96, '100'],
    [1234.5, '1,235'],
  ])('%d hours are written as %s', (hours, text) => {
    expect(formatHours(hours, 'en-US')).toBe(text);
  });

  it('begin with cards where any was used, and leave them out where none was', () => {
    expect(firstMetric([day])).toBe('minutes');
    expect(shownMetrics([day])).toEqual(['minutes', 'cpu', 'memory']);
    const withCards = [day, { ...day, gpuCardMinutes: 1 }];
    expect(firstMetric(withCards)).toBe('gpu');
    expect(shownMetrics(withCards)).toEqual(['minutes', 'cpu', 'memory', 'gpu']);
  });

  it('name the same day everywhere on earth', () => {
    expect(formatDay('2026-03-01', 'en-US')).toBe('3/1');
    expect(formatDay('2026-03-01', 'en-US', 'full')).toBe('Mar 1, 2026');
    expect(formatDay('2026-03-01', 'zh-CN', 'full')).toBe('2026年3月1日');
  });
});

describe('a course', () => {
  const box = { from: 0, to: 100, max: 4, width: 100, height: 20 };

  it('rises from the ground to what is the most', () => {
    const { line, area } = coursePath(
      [
        { at: 0, value: 0 },
        { at: 50, value: 2 },
        { at: 100, value: 4 },
      ],
      box,
    );
    expect(line).toBe('M0 20L50 10L100 0');
    expect(area).toBe('M0 20L0 20L50 10L100 0L100 20Z');
  });

  it('never leaves its box, and draws nothing without a limit', () => {
    expect(
      coursePath(
        [
          { at: 90, value: 9 },
          { at: 100, value: 9 },
        ],
        box,
      ).line,
    ).toBe('M90 0L100 0');
    expect(
      coursePath(
        [
          { at: 90, value: 9 },
          { at: 100, value: 9 },
        ],
        { ...box, max: 0 },
      ).line,
    ).toBe('M90 20L100 20');
  });

  it('has a gap where nothing was measured, and begins at its left edge', () => {
    const points = [
      { at: -10, value: 1 },
      { at: 10, value: 0 },
      { at: 20, value: 0 },
      { at: 30, value: null },
      { at: 40, value: 4 },
      { at: 50, value: 4 },
      { at: 60, value: null },
      { at: 70, value: 4 },
    ];
    expect(coursePath(points, box).line).toBe('M10 20L20 20M40 0L50 0');
    expect(coursePath([], box)).toEqual({ line: '', area: '' });
  });
});

describe('the words about usage', () => {
  it('say everything in both languages, with the same arguments', () => {
    const english = flatten(USAGE_TEXTS.en);
    const chinese = new Map(flatten(USAGE_TEXTS.zh));
    expect([...chinese.keys()]).toEqual(english.map(([path]) => path));
    for (const [path, text] of english) {
      const other = chinese.get(path) ?? '';
      expect(text).not.toBe('');
      if (!SAME.has(path)) expect([path, other]).toEqual([path, expect.stringMatching(/\p{Script=Han}/u)]);
      for (const argument of ['①', '②'])
        expect([path, other.includes(argument)]).toEqual([path, text.includes(argument)]);
    }
  });
});

/** Numbers with their units, with nothing to translate. */
const SAME = new Set(['use.memory', 'use.gpu', 'use.gpuWithMemory']);

function flatten(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    if (typeof child === 'object' && child !== null) return flatten(child, `${prefix}${key}.`);
    const text = typeof child === 'function' ? (child as (...args: string[]) => string)('①', '②') : child;
    return [[`${prefix}${key}`, String(text)] as [string, string]];
  });
}
