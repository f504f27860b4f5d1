import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createLog } from './log.ts';
import { Loop, type LoopOptions } from './loop.ts';

describe('Loop', () => {
  const loops: Loop[] = [];
  function loop(options: Partial<LoopOptions> & Pick<LoopOptions, 'run'>): Loop {
    const made = new Loop({ name: 'test', everyMs: 10_000, log: createLog('silent'), ...options });
    loops.push(made);
    return made;
  }
  afterEach(() => Promise.all(loops.splice(0).map((made) => made.stop())));

  it('ticks at once and again after the interval', async () => {
    let ticks = 0;
    loop({
      everyMs: 20,
      run: async () => {
        await Promise.resolve(ticks++);
      },
    }).start();
    while (ticks < 3) await sleep(5);
    expect(ticks).toBe(3);
  });

  it('asks how long to wait after each tick', async () => {
    let ticks = 0;
    const run = async () => {
      await Promise.resolve(ticks++);
    };
    loop({ everyMs: () => (ticks < 3 ? 5 : 60_000), run }).start();
    while (ticks < 3) await sleep(5);
    await sleep(50);
    expect(ticks).toBe(3);
  });

  it('never runs twice at once, and wakes during a tick make one more', async () => {
    let [ticks, inside, most] = [0, 0, 0];
    const made = loop({
      run: async () => {
        ticks++;
        most = Math.max(most, ++inside);
        await sleep(30);
        inside--;
      },
    });
    made.start();
    for (let i = 0; i < 20; i++) made.wake();
    await sleep(120);
    expect([ticks, most]).toEqual([2, 1]);
  });

  it('goes on after a tick that failed, and says so', async () => {
    const outcomes: boolean[] = [];
    const made = loop({
      run: () => (outcomes.length === 0 ? Promise.reject(new Error('no')) : Promise.resolve()),
      onTick: (_name, _seconds, failed) => outcomes.push(failed),
    });
    made.start();
    await sleep(20);
    made.wake();
    await sleep(20);
    expect(outcomes).toEqual([true, false]);
  });

  it('aborts a tick that takes too long', async () => {
    const reasons: unknown[] = [];
    loop({
      timeoutMs: 30,
      run: (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as Error).name);
            reject(new Error('aborted'));
          });
        }),
    }).start();
    await sleep(80);
    expect(reasons).toEqual(['TimeoutError']);
  });

  it('stops only after the running tick has ended, and starts no other', async () => {
    let [ended, ticks] = [false, 0];
    const made = loop({
      run: async () => {
        ticks++;
        await sleep(40);
        ended = true;
      },
    });
    made.start();
    await sleep(5);
    await made.stop();
    expect(ended).toBe(true);
    made.wake();
    await sleep(20);
    expect(ticks).toBe(1);
  });
});
