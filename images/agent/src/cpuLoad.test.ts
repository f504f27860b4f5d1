import { describe, expect, it } from '@jest/globals';
import { CpuLoad } from './cpuLoad.ts';

const SECOND_US = 1_000_000;

describe('CpuLoad', () => {
  it('is not known before a minute has passed', () => {
    const load = new CpuLoad(60_000);
    expect(load.cores).toBeUndefined();
    for (let at = 0; at < 60_000; at += 15_000) load.add(at, at * 1000);
    expect(load.cores).toBeUndefined();
    load.add(60_000, 60 * SECOND_US);
    expect(load.cores).toBeCloseTo(1);
  });

  it('is the mean of the last minute and forgets what was before', () => {
    const load = new CpuLoad(60_000);
    for (let at = 0; at <= 120_000; at += 15_000) load.add(at, at * 2000);
    expect(load.cores).toBeCloseTo(2);
    for (let at = 135_000; at <= 180_000; at += 15_000) load.add(at, 240 * SECOND_US);
    expect(load.cores).toBeCloseTo(0);
  });

  it('leaves out moments of which the kernel says nothing', () => {
    const load = new CpuLoad(60_000);
    load.add(0, 0);
    load.add(30_000, undefined);
    load.add(60_000, 30 * SECOND_US);
    expect(load.cores).toBeCloseTo(0.5);
  });
});
