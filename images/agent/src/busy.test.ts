import { describe, expect, it } from '@jest/globals';
import { BusyLoop, judge, type BusyCode, type BusyLoopOptions, type Observed } from './busy.ts';

const NOW = Date.parse('2030-01-01T12:00:00Z');
const quiet: Observed = {
  now: NOW,
  cores: 0.01,
  starved: false,
  gpu: undefined,
  jupyter: { busyKernels: 0 },
  outputAt: undefined,
  terminalMs: 120_000,
};

describe('judge', () => {
  it.each<[string, Partial<Observed>, boolean | undefined, BusyCode | undefined, string | undefined]>([
    ['nothing goes on', {}, false, undefined, undefined],
    ['no JupyterLab runs', { jupyter: undefined }, false, undefined, undefined],
    ['a kernel is busy', { jupyter: { busyKernels: 1 } }, true, 'kernel-busy', 'A notebook is running a cell.'],
    ['two kernels are busy', { jupyter: { busyKernels: 2 } }, true, 'kernel-busy', '2 notebooks are running cells.'],
    ['a terminal spoke', { outputAt: NOW - 60_000 }, true, 'terminal-output', 'A terminal is in use.'],
    ['a terminal spoke long ago', { outputAt: NOW - 600_000 }, false, undefined, undefined],
    ['a GPU computes', { gpu: 5 }, true, 'gpu-busy', 'A GPU is in use at 5 %.'],
    ['a GPU shows a picture', { gpu: 4 }, false, undefined, undefined],
    ['programs compute', { cores: 1.25 }, true, 'cpu-busy', 'Programs used 1.3 CPU cores during the last minute.'],
    ['programs wait for a CPU', { starved: true }, true, 'cpu-busy', 'Programs wait for CPU.'],
    ['the load is not known', { cores: undefined }, undefined, undefined, undefined],
    ['a GPU does not say', { gpu: 'unknown' }, undefined, undefined, undefined],
    [
      'the load is not known and no JupyterLab runs',
      { cores: undefined, jupyter: undefined },
      undefined,
      undefined,
      undefined,
    ],
    ['JupyterLab does not answer', { jupyter: 'unknown' }, undefined, undefined, undefined],
    [
      'JupyterLab does not answer, programs compute',
      { jupyter: 'unknown', cores: 3 },
      true,
      'cpu-busy',
      'Programs used 3.0 CPU cores during the last minute.',
    ],
  ])('%s', (_name, observed, busy, code, reason) => {
    expect(judge({ ...quiet, ...observed })).toMatchObject({ busy, code, reason });
  });

  it('reports the last output whether or not it still counts', () => {
    const outputAt = NOW - 600_000;
    expect(judge({ ...quiet, jupyter: { busyKernels: 1 }, outputAt }).lastOutputAt).toBe(outputAt);
    expect(judge({ ...quiet, outputAt }).lastOutputAt).toBe(outputAt);
  });
});

/** Nothing runs, and the test moves the clock. */
const idle = (changes: Partial<BusyLoopOptions> = {}): BusyLoopOptions => ({
  cpuUs: () => 0,
  hasRunnable: () => false,
  askJupyter: () => Promise.resolve(undefined),
  gpuPercent: () => undefined,
  terminalOutputAt: () => undefined,
  everyMs: 15_000,
  ...changes,
});

describe('BusyLoop', () => {
  it('is unsure until it has seen a minute, then says what it sees', async () => {
    let now = NOW;
    const loop = new BusyLoop(idle({ now: () => now }));
    expect(loop.state.busy).toBeUndefined();
    await loop.look();
    expect(loop.state.busy).toBeUndefined();
    now += 60_000;
    await loop.look();
    expect(loop.state.busy).toBe(false);
  });

  it('does not take a JupyterLab that fails for an idle one', async () => {
    let now = NOW;
    const loop = new BusyLoop(idle({ now: () => now, askJupyter: () => Promise.reject(new Error('x')) }));
    await loop.look();
    now += 60_000;
    await loop.look();
    expect(loop.state.busy).toBeUndefined();
  });

  it('remembers when work was last going on, or was not known', async () => {
    let now = NOW;
    let busyKernels = 0;
    const loop = new BusyLoop(idle({ now: () => now, askJupyter: () => Promise.resolve({ busyKernels }) }));
    const lookAt = async (seconds: number): Promise<number> => {
      now = NOW + seconds * 1000;
      await loop.look();
      return (loop.lastBusyAt - NOW) / 1000;
    };
    expect(await lookAt(0)).toBe(0);
    expect(await lookAt(45)).toBe(45);
    expect(await lookAt(60)).toBe(45);
    busyKernels = 1;
    expect(await lookAt(90)).toBe(90);
    now += 10_000;
    expect(loop.lastBusyAt).toBe(NOW + 100_000);
    busyKernels = 0;
    expect(await lookAt(120)).toBe(90);
  });

  it('takes programs that are runnable at each look for work, but not a short one', async () => {
    const runnable = [true, true, false, true, true, true, true, false];
    let now = NOW;
    const loop = new BusyLoop(idle({ now: () => now, hasRunnable: () => runnable.shift() }));
    const seen: (boolean | undefined)[] = [];
    while (runnable.length > 0) {
      await loop.look();
      seen.push(loop.state.busy);
      now += 20_000;
    }
    expect(seen.slice(3)).toEqual([false, false, false, true, false]);
  });

  it('does not take JupyterLab for at work because it was just asked', async () => {
    let now = NOW;
    let isAnswering = false;
    const askJupyter = () => {
      isAnswering = true;
      return Promise.resolve({ busyKernels: 0 });
    };
    const loop = new BusyLoop(idle({ now: () => now, askJupyter, hasRunnable: () => isAnswering }));
    for (let look = 0; look < 6; look += 1) {
      await loop.look();
      isAnswering = false;
      now += 20_000;
    }
    expect(loop.state.busy).toBe(false);
  });

  it('takes bursts on a GPU for work that goes on', async () => {
    const percents = [0, 0, 0, 0, 80, 0, 0, 0, 0];
    let now = NOW;
    const loop = new BusyLoop(idle({ now: () => now, gpuPercent: () => percents.shift() }));
    const seen: (boolean | undefined)[] = [];
    while (percents.length > 0) {
      await loop.look();
      seen.push(loop.state.busy);
      now += 20_000;
    }
    expect(seen).toEqual([undefined, undefined, undefined, false, true, true, true, true, false]);
  });

  it('looks again and again until it is stopped', async () => {
    let looks = 0;
    const askJupyter = (): Promise<undefined> => {
      looks += 1;
      return Promise.resolve(undefined);
    };
    const loop = new BusyLoop(idle({ askJupyter, everyMs: 10 }));
    loop.start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    loop.stop();
    const seen = looks;
    expect(seen).toBeGreaterThan(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(looks).toBe(seen);
  });
});
