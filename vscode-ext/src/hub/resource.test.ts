import { describe, expect, it } from '@jest/globals';
import { settle, TestClock } from '../../test/clock.ts';
import { Resource } from './resource.ts';

function counting() {
  const clock = new TestClock();
  const state = { asked: 0, fails: false };
  const resource = new Resource(() => {
    state.asked += 1;
    return state.fails ? Promise.reject(new Error('away')) : Promise.resolve(state.asked);
  }, clock);
  return { clock, state, resource };
}

describe('Resource', () => {
  it('asks only while somebody watches and the hub is there', async () => {
    const { clock, state, resource } = counting();
    await clock.pass(60_000);
    const watching = resource.watch(5000);
    await clock.pass(60_000);
    expect(state.asked).toBe(0);
    resource.setOpen(true);
    await clock.pass(10_000);
    expect(state.asked).toBe(3);
    watching.dispose();
    await clock.pass(60_000);
    expect(state.asked).toBe(3);
    expect(clock.waiting).toBe(0);
    expect(resource.value).toBe(3);
  });

  it('goes by the shortest of its watchers, and by the other once that is gone', async () => {
    const { clock, state, resource } = counting();
    resource.setOpen(true);
    resource.watch(60_000);
    const fast = resource.watch(5000);
    await clock.pass(10_000);
    expect(state.asked).toBe(3);
    fast.dispose();
    await clock.pass(59_000);
    expect(state.asked).toBe(3);
    await clock.pass(2000);
    expect(state.asked).toBe(4);
  });

  it('keeps the last value over a failure and asks again', async () => {
    const { clock, state, resource } = counting();
    resource.setOpen(true);
    resource.watch(5000);
    await settle();
    state.fails = true;
    await clock.pass(5000);
    expect(resource.value).toBe(1);
    expect(resource.failure?.message).toBe('away');
    state.fails = false;
    await clock.pass(5000);
    expect(resource.failure).toBeUndefined();
    expect(resource.value).toBe(3);
  });

  it('asks once more for what was outdated while it asked, however often that was said', async () => {
    const clock = new TestClock();
    const answers: ((value: number) => void)[] = [];
    const resource = new Resource(() => new Promise<number>((resolve) => answers.push(resolve)), clock);
    resource.setOpen(true);
    resource.watch(60_000);
    await settle();
    resource.outdate();
    resource.outdate();
    expect(answers).toHaveLength(1);
    answers[0]?.(1);
    await settle();
    expect(answers).toHaveLength(2);
    answers[1]?.(2);
    await settle();
    expect(answers).toHaveLength(2);
    expect(resource.value).toBe(2);
  });

  it('asks when a view is opened again after something changed', async () => {
    const { clock, state, resource } = counting();
    resource.setOpen(true);
    resource.watch(60_000).dispose();
    await settle();
    expect(state.asked).toBe(1);
    resource.watch(60_000).dispose();
    await settle();
    expect(state.asked).toBe(1);
    resource.outdate();
    resource.watch(60_000);
    await clock.pass(0);
    expect(state.asked).toBe(2);
  });
});
