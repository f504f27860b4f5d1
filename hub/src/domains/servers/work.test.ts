import { describe, expect, it, jest } from '@jest/globals';
import { createLog } from '../../platform/log.ts';
import { Jobs } from './jobs.ts';
import { Limit } from './limit.ts';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Limit', () => {
  it('lets so many run at once, the others in their order', async () => {
    const limit = new Limit(2);
    const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<undefined>());
    const began: number[] = [];
    const all = ends.map((end, n) =>
      limit.run(never, async () => {
        began.push(n);
        await end.promise;
      }),
    );
    await turn();
    expect(began).toEqual([0, 1]);
    ends[1]!.resolve(undefined);
    await turn();
    expect(began).toEqual([0, 1, 2]);
    for (const end of ends) end.resolve(undefined);
    await Promise.all(all);
    expect(began).toEqual([0, 1, 2, 3]);
  });

  it('frees its place after a failure, and lets who waits give up', async () => {
    const limit = new Limit(1);
    const end = Promise.withResolvers<undefined>();
    const first = limit.run(never, () => end.promise);
    const leaves = new AbortController();
    const second = limit.run(leaves.signal, () => Promise.resolve('second'));
    const third = limit.run(never, () => Promise.resolve('third'));
    leaves.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    end.reject(new Error('failed'));
    await expect(first).rejects.toThrow('failed');
    expect(await third).toBe('third');
    await expect(limit.run(leaves.signal, () => Promise.resolve('late'))).rejects.toThrow('left');
    expect(await limit.run(never, () => Promise.resolve('free'))).toBe('free');
  });
});

describe('Jobs', () => {
  const make = () => {
    const onEnd = jest.fn();
    return { onEnd, jobs: new Jobs({ log: createLog('silent'), onEnd }) };
  };

  it('runs one piece of work per server and distrusts snapshots that are older than it', async () => {
    const { jobs, onEnd } = make();
    const end = Promise.withResolvers<undefined>();
    jobs.start('a', 1, () => end.promise);
    const second = jest.fn(() => Promise.resolve());
    jobs.start('a', 1, second);
    expect(second).not.toHaveBeenCalled();
    jobs.beginSnapshot();
    expect([jobs.isFresh('a'), jobs.isFresh('b')]).toEqual([false, true]);
    end.resolve(undefined);
    await jobs.settled();
    expect(jobs.isFresh('a')).toBe(false);
    expect(onEnd).toHaveBeenCalledTimes(1);
    jobs.beginSnapshot();
    expect(jobs.isFresh('a')).toBe(true);
  });

  it('does not ask for a tick after a failure, or a broken engine would be asked without a pause', async () => {
    const { jobs, onEnd } = make();
    jobs.start('a', undefined, () => Promise.reject(new Error('busy')));
    await jobs.settled();
    expect(onEnd).not.toHaveBeenCalled();
  });

  it('aborts work that is not wanted any more, and only that', async () => {
    const { jobs } = make();
    const aborted: string[] = [];
    const work = (name: string) => (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          aborted.push(name);
          resolve();
        });
      });
    jobs.start('a', 1, work('a'));
    jobs.start('b', 2, work('b'));
    jobs.start('removal', undefined, work('removal'));
    jobs.abortUnless((id, generation) => id === 'b' && generation === 2);
    expect(aborted).toEqual(['a']);
    await jobs.stop();
    expect(aborted).toEqual(['a', 'b', 'removal']);
  });
});
