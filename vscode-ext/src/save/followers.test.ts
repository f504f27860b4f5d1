import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../../test/clock.ts';
import { job } from '../../test/samples.ts';
import { JobEnds } from './jobFollower.ts';
import { followLog, type LogPart } from './logFollower.ts';

describe('JobEnds', () => {
  it('tells once of a job that was seen on its way, and nothing of older ones', () => {
    const ends = new JobEnds();
    const old = job({ id: 'old', phase: 'done' });
    expect(ends.update([job(), old])).toEqual([]);
    const done = job({ phase: 'done' });
    expect(ends.update([done, old])).toEqual([done]);
    expect(ends.update([done, old])).toEqual([]);
  });
});

describe('followLog', () => {
  function setUp(answers: (LogPart | Error)[]) {
    const clock = new TestClock();
    const asked: number[] = [];
    const said: string[] = [];
    const follower = followLog({
      clock,
      ask: (after) => {
        asked.push(after);
        const answer = answers.shift() ?? new Error('no more');
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      append: (lines) => said.push(...lines),
      ended: (any) => said.push(any ? 'END' : 'EMPTY'),
    });
    return { clock, asked, said, follower };
  }

  it('appends lines as they come, over a hub that is away for a while, to the end', async () => {
    const { clock, asked, said } = setUp([
      { lines: ['one', 'two'], next: 2, ended: false },
      { lines: [], next: 2, ended: false },
      new Error('restarting'),
      { lines: ['three'], next: 3, ended: true },
      { lines: [], next: 3, ended: true },
    ]);
    await clock.pass(60_000);
    expect(asked).toEqual([0, 2, 2, 2, 3]);
    expect(said).toEqual(['one', 'two', 'three', 'END']);
    expect(clock.waiting).toBe(0);
  });

  it('says when nothing was written', async () => {
    const { clock, said } = setUp([{ lines: [], next: 0, ended: true }]);
    await clock.pass(10_000);
    expect(said).toEqual(['EMPTY']);
  });

  it('asks no more once it is disposed', async () => {
    const { clock, asked, follower } = setUp([{ lines: ['one'], next: 1, ended: false }]);
    await clock.pass(500);
    follower.dispose();
    await clock.pass(60_000);
    expect(asked).toEqual([0]);
    expect(clock.waiting).toBe(0);
  });
});
