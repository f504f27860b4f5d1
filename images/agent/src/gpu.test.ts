import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { askDriver, GpuMeter, parseCards } from './gpu.ts';

describe('the cards', () => {
  it('are read from what the driver prints', () => {
    expect(parseCards('37, 1024\n0, 3\n\n')).toEqual([
      { load: 0.37, memoryUsedBytes: 1024 * 2 ** 20 },
      { load: 0, memoryUsedBytes: 3 * 2 ** 20 },
    ]);
  });

  it('that do not say something are not guessed', () => {
    expect(parseCards('[N/A], 5\n[Not Supported], [N/A]\nfailed')).toEqual([
      { load: null, memoryUsedBytes: 5 * 2 ** 20 },
      { load: null, memoryUsedBytes: null },
      { load: null, memoryUsedBytes: null },
    ]);
  });
});

describe('the meter', () => {
  it('answers with the last measurement and begins the next, at most every two seconds', async () => {
    let now = 1000;
    let asked = 0;
    const meter = new GpuMeter({ now: () => now, ask: () => Promise.resolve(`${(asked += 1)}, 0`) });
    expect(meter.read()).toBeNull();
    meter.read();
    await meter.settled();
    expect(meter.read()).toEqual([{ load: 0.01, memoryUsedBytes: 0 }]);
    expect(asked).toBe(1);
    now += 15_000;
    expect(meter.read()).toEqual([{ load: 0.01, memoryUsedBytes: 0 }]);
    await meter.settled();
    expect(meter.read()).toEqual([{ load: 0.02, memoryUsedBytes: 0 }]);
    now += 60_000;
    expect(meter.read()).toBeNull();
    await meter.settled();
  });

  it('asks a container without cards only once', async () => {
    let now = 1000;
    let asked = 0;
    const ask = (): Promise<string> => {
      asked += 1;
      return Promise.resolve('none');
    };
    const meter = new GpuMeter({ now: () => now, ask });
    for (let turn = 0; turn < 5; turn += 1) {
      expect(meter.read()).toBeNull();
      await meter.settled();
      now += 15_000;
    }
    expect(asked).toBe(1);
  });

  it('asks again after a failure', async () => {
    let now = 1000;
    const answers = [Promise.reject(new Error('reset')), Promise.resolve('50, 1')];
    const meter = new GpuMeter({ now: () => now, ask: () => answers.shift() ?? Promise.resolve('none') });
    meter.read();
    await meter.settled();
    now += 3000;
    expect(meter.read()).toBeNull();
    await meter.settled();
    expect(meter.read()).toEqual([{ load: 0.5, memoryUsedBytes: 2 ** 20 }]);
  });
});

it('the driver’s program is run where there is one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'davit-gpu-'));
  const program = join(directory, 'nvidia-smi');
  try {
    expect(await askDriver(program)).toBe('none');
    await writeFile(program, `#!${process.execPath}\nconsole.log('12, 34')`);
    await chmod(program, 0o755);
    expect(await askDriver(program)).toBe('12, 34\n');
    await writeFile(program, `#!${process.execPath}\nprocess.exit(9)`);
    await expect(askDriver(program)).rejects.toThrow('did not answer');
  } finally {
    await rm(directory, { recursive: true });
  }
});
