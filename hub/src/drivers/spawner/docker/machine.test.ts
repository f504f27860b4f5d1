import { describe, expect, it } from '@jest/globals';
import { SpawnRefused } from '../../../domains/servers/spawner.ts';
import { fullestDisk, refuseLowDisk } from './disk.ts';
import { cardsToAttach, detectGpus } from './gpus.ts';
import { Locks } from '../locks.ts';

describe('GPUs', () => {
  const output = 'index ignored\n0, GPU-aaa, NVIDIA A100 80GB PCIe\n1, GPU-bbb, NVIDIA A100 80GB PCIe\n';

  it('are read from the driver’s tool', async () => {
    expect(await detectGpus(() => Promise.resolve(output))).toEqual([
      { id: 'GPU-aaa', kind: 'NVIDIA A100 80GB PCIe', declared: false, index: 0 },
      { id: 'GPU-bbb', kind: 'NVIDIA A100 80GB PCIe', declared: false, index: 1 },
    ]);
  });

  it('are none where the tool is missing', async () => {
    expect(await detectGpus(() => Promise.resolve(undefined))).toEqual([]);
  });

  it('are attached unless they are only declared, and refused when they are gone', async () => {
    const detected = await detectGpus(() => Promise.resolve(output));
    const declared = [{ id: 'test-0', kind: 'test', declared: true }];
    expect(cardsToAttach(['GPU-bbb', 'test-0'], detected, declared).map((card) => card.index)).toEqual([1]);
    expect(() => cardsToAttach(['GPU-ccc'], detected, declared)).toThrow(SpawnRefused);
  });
});

describe('disk', () => {
  it('is read from the real file system, the fullest first, unknown places left out', async () => {
    const disk = await fullestDisk(['/does/not/exist', '/']);
    expect(disk?.totalMb).toBeGreaterThan(0);
    expect(disk?.freeMb).toBeLessThanOrEqual(disk?.totalMb ?? 0);
    expect(await fullestDisk(['/does/not/exist'])).toBeUndefined();
  });

  it('refuses below 5 % and says how much is left', () => {
    expect(() => refuseLowDisk({ freeMb: 4_900, totalMb: 100_000 })).toThrow('nearly full: 5 GiB free');
    expect(() => refuseLowDisk({ freeMb: 40, totalMb: 1_000 })).toThrow(SpawnRefused);
    expect(() => refuseLowDisk({ freeMb: 5_000, totalMb: 100_000 })).not.toThrow();
    expect(() => refuseLowDisk(undefined)).not.toThrow();
  });
});

describe('Locks', () => {
  it('run one piece of work per key at a time, in order, also after a failure', async () => {
    const locks = new Locks();
    const seen: string[] = [];
    const work =
      (name: string, fails = false) =>
      async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
      };
    const all = Promise.allSettled([
      locks.run('x', work('a', true)),
      locks.run('x', work('b')),
      locks.run('x', work('c')),
    ]);
    expect(locks.held()).toEqual(['x']);
    expect((await all).map((one) => one.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(locks.held()).toEqual([]);
  });

  it('do not hold up other keys', async () => {
    const locks = new Locks();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const slow = locks.run('x', () => promise);
    expect(await locks.run('y', () => Promise.resolve('done'))).toBe('done');
    resolve(undefined);
    await slow;
  });
});
