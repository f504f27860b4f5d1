import { describe, expect, it } from '@jest/globals';
import type { AgentStatus } from './agentClient.ts';
import { Samples } from './samples.ts';

const BEGIN = Date.parse('2026-03-01T10:00:00Z');

function status(cpuUsageUs: number | null, gpus?: AgentStatus['gpus']): AgentStatus {
  return {
    contract: 1,
    startedAt: '',
    editors: [],
    memory: { usedBytes: 5, limitBytes: null },
    oomKills: 0,
    cpuUsageUs,
    activity: { lastInputAt: null, pagesOpen: 0, busy: null, busyReason: null, lastOutputAt: null },
    ...(gpus === undefined ? {} : { gpus }),
  };
}

const after = (seconds: number) => new Date(BEGIN + seconds * 1000);

describe('samples', () => {
  it('tell the cores that were used between two of them', () => {
    const samples = new Samples();
    samples.add(status(1_000_000), after(0));
    samples.add(status(31_000_000), after(15));
    samples.add(status(31_750_000), after(18));
    expect(samples.list().map(({ cpu }) => cpu)).toEqual([null, 2, 0.25]);
    expect(samples.list()[1]).toEqual({
      at: '2026-03-01T10:00:15.000Z',
      cpu: 2,
      memoryBytes: 5,
      gpu: null,
      gpuMemoryBytes: null,
    });
  });

  it('do not guess where it was not measured, counted anew, or the clock was set back', () => {
    const samples = new Samples();
    samples.add(status(5_000_000), after(0));
    samples.add(status(1_000_000), after(15));
    samples.add(status(null), after(30));
    samples.add(status(9_000_000), after(45));
    samples.add(status(9_500_000), after(44));
    expect(samples.list().map(({ cpu }) => cpu)).toEqual([null, null, null, null, null]);
  });

  it('tell the mean load and the sum of memory of the cards that say so', () => {
    const samples = new Samples();
    samples.add(status(0, null), after(0));
    samples.add(
      status(0, [
        { load: 1, memoryUsedBytes: 3 },
        { load: 0.5, memoryUsedBytes: 4 },
        { load: null, memoryUsedBytes: null },
      ]),
      after(15),
    );
    expect(samples.list().map(({ gpu, gpuMemoryBytes }) => [gpu, gpuMemoryBytes])).toEqual([
      [null, null],
      [0.75, 7],
    ]);
  });

  it('are kept for ten minutes, and never more than 150', () => {
    const samples = new Samples();
    for (let second = 0; second <= 1200; second += 15) samples.add(status(0), after(second));
    expect(
      samples
        .list()
        .map(({ at }) => at)
        .at(0),
    ).toBe(after(615).toISOString());
    for (let second = 1201; second < 1500; second += 1) samples.add(status(0), after(second));
    expect(samples.list()).toHaveLength(150);
  });
});
