import { describe, expect, it } from '@jest/globals';
import type { GpuUse } from './gpu.ts';
import { GpuLoad } from './gpuLoad.ts';

const cards = (...loads: (number | null)[]): GpuUse[] => loads.map((load) => ({ load, memoryUsedBytes: 0 }));

describe('GpuLoad', () => {
  it.each([
    ['one card', cards(0.5), 50],
    ['the busiest of several', cards(0, 0.25, 0), 25],
    ['no card', null, undefined],
    ['a card in parts, which does not say', cards(null), 'unknown'],
    ['a card in parts beside a busy one', cards(null, 0.5), 50],
  ])('is that of %s', (_name, read, expected) => {
    expect(new GpuLoad(() => read).percent).toBe(expected);
  });

  it('is not known when a card that was there says nothing any more', () => {
    let read: GpuUse[] | null = cards(0);
    const load = new GpuLoad(() => read);
    expect(load.percent).toBe(0);
    read = null;
    expect(load.percent).toBe('unknown');
  });
});
