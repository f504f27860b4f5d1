import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../../test/clock.ts';
import { InputReporter } from './inputReporter.ts';

function setUp() {
  const clock = new TestClock();
  const start = clock.now();
  const state = { active: false, sent: [] as number[] };
  const reporter = new InputReporter({
    clock,
    report: () => {
      state.sent.push((clock.now() - start) / 1000);
      return Promise.reject(new Error('hub away'));
    },
    isActive: () => state.active,
  });
  return { clock, state, reporter };
}

describe('InputReporter', () => {
  it('reports the first input at once and those after it once a minute', async () => {
    const { clock, state, reporter } = setUp();
    for (let second = 0; second < 130; second += 1) {
      reporter.input();
      await clock.pass(1000);
    }
    expect(state.sent).toEqual([0, 60, 120]);
  });

  it('reports nothing without input', async () => {
    const { clock, state, reporter } = setUp();
    await clock.pass(600_000);
    reporter.input();
    await clock.pass(600_000);
    expect(state.sent).toEqual([600]);
    expect(clock.waiting).toBe(0);
  });

  it('goes on while the window is in use, as in a terminal, and ends with it', async () => {
    const { clock, state, reporter } = setUp();
    state.active = true;
    reporter.input();
    await clock.pass(150_000);
    state.active = false;
    await clock.pass(600_000);
    expect(state.sent).toEqual([0, 60, 120]);
  });

  it('ends when it is disposed', async () => {
    const { clock, state, reporter } = setUp();
    reporter.input();
    reporter.input();
    reporter.dispose();
    await clock.pass(600_000);
    expect(state.sent).toEqual([0]);
  });
});
