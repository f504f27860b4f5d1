import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../../test/clock.ts';
import { at, releaseState } from '../../test/samples.ts';
import { ReleaseWarning } from './warning.ts';

const MINUTE = 60_000;
const coming = (inMinutes: number) =>
  releaseState({ warnAt: at((inMinutes - 30) * MINUTE), releaseAt: at(inMinutes * MINUTE) });

function setUp() {
  const clock = new TestClock();
  const warned: (string | null)[] = [];
  return { clock, warned, warning: new ReleaseWarning(clock, ({ releaseAt }) => warned.push(releaseAt)) };
}

describe('ReleaseWarning', () => {
  it('warns when the moment comes, without another answer of the hub', async () => {
    const { clock, warned, warning } = setUp();
    warning.update(coming(120));
    await clock.pass(89 * MINUTE);
    expect(warned).toEqual([]);
    await clock.pass(2 * MINUTE);
    expect(warned).toEqual([at(120 * MINUTE)]);
  });

  it('warns once, though the hub tells again and the moment moves a little', () => {
    const { warned, warning } = setUp();
    warning.update(coming(20));
    warning.update(coming(20));
    warning.update(coming(20.1));
    expect(warned).toHaveLength(1);
  });

  it('warns anew when the release comes near again after Keep', async () => {
    const { clock, warned, warning } = setUp();
    warning.update(coming(20));
    warning.update(releaseState({ keepUntil: at(120 * MINUTE) }));
    await clock.pass(120 * MINUTE);
    expect(warned).toHaveLength(1);
    warning.update(coming(140));
    expect(warned).toHaveLength(2);
  });

  it('warns anew after Keep that only put the release off', async () => {
    const { clock, warned, warning } = setUp();
    warning.update(coming(20));
    warning.update(coming(140));
    expect(warned).toHaveLength(1);
    await clock.pass(111 * MINUTE);
    expect(warned).toHaveLength(2);
  });

  it('does not warn of what does not come', async () => {
    const { clock, warned, warning } = setUp();
    warning.update(coming(120));
    warning.update(null);
    warning.update(coming(120));
    warning.dispose();
    await clock.pass(300 * MINUTE);
    expect(warned).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});
