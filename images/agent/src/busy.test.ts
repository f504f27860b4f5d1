import { describe, expect, it } from '@jest/globals';
import { BusyLoop, judge, type Observed } from './busy.ts';

const NOW = Date.parse('2030-01-01T12:00:00Z');
const quiet: Observed = { now: NOW, cores: 0.01, jupyter: { busyKernels: 0, terminalAt: undefined } };

describe('judge', () => {
  it.each<[string, Partial<Observed>, boolean | undefined, string | undefined]>([
    ['nothing goes on', {}, false, undefined],
    ['no JupyterLab runs', { jupyter: undefined }, false, undefined],
    ['a kernel is busy', { jupyter: { busyKernels: 1, terminalAt: undefined } }, true, 'A notebook is running a cell.'],
    [
      'two kernels are busy',
      { jupyter: { busyKernels: 2, terminalAt: undefined } },
      true,
      '2 notebooks are running cells.',
    ],
    ['a terminal spoke', { jupyter: { busyKernels: 0, terminalAt: NOW - 60_000 } }, true, 'A terminal is in use.'],
    ['a terminal spoke long ago', { jupyter: { busyKernels: 0, terminalAt: NOW - 600_000 } }, false, undefined],
    ['programs compute', { cores: 1.25 }, true, 'Programs used 1.3 CPU cores during the last minute.'],
    ['the load is not known', { cores: undefined }, undefined, undefined],
    ['the load is not known and no JupyterLab runs', { cores: undefined, jupyter: undefined }, undefined, undefined],
    ['JupyterLab does not answer', { jupyter: 'unknown' }, undefined, undefined],
    [
      'JupyterLab does not answer, programs compute',
      { jupyter: 'unknown', cores: 3 },
      true,
      'Programs used 3.0 CPU cores during the last minute.',
    ],
  ])('%s', (_name, observed, busy, reason) => {
    expect(judge({ ...quiet, ...observed })).toMatchObject({ busy, reason });
  });

  it('reports the last output whether or not it still counts', () => {
    const terminalAt = NOW - 600_000;
    expect(judge({ ...quiet, jupyter: { busyKernels: 1, terminalAt } }).lastOutputAt).toBe(terminalAt);
    expect(judge({ ...quiet, jupyter: { busyKernels: 0, terminalAt } }).lastOutputAt).toBe(terminalAt);
  });
});

describe('BusyLoop', () => {
  it('is unsure until it has seen a minute, then says what it sees', async () => {
    let now = NOW;
    const loop = new BusyLoop({ now: () => now, cpuUs: () => 0, askJupyter: () => Promise.resolve(undefined) });
    expect(loop.state.busy).toBeUndefined();
    await loop.look();
    expect(loop.state.busy).toBeUndefined();
    now += 60_000;
    await loop.look();
    expect(loop.state.busy).toBe(false);
  });

  it('does not take a JupyterLab that fails for an idle one', async () => {
    let now = NOW;
    const loop = new BusyLoop({ now: () => now, cpuUs: () => 0, askJupyter: () => Promise.reject(new Error('x')) });
    await loop.look();
    now += 60_000;
    await loop.look();
    expect(loop.state.busy).toBeUndefined();
  });

  it('looks again and again until it is stopped', async () => {
    let looks = 0;
    const askJupyter = (): Promise<undefined> => {
      looks += 1;
      return Promise.resolve(undefined);
    };
    const loop = new BusyLoop({ cpuUs: () => 0, askJupyter, everyMs: 10 });
    loop.start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    loop.stop();
    const seen = looks;
    expect(seen).toBeGreaterThan(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(looks).toBe(seen);
  });
});
