import { describe, expect, it } from '@jest/globals';
import { Measurements } from './measurements.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Measurements that end when told; `begun` names them in their order. */
function setUp() {
  const measurements = new Measurements<string>();
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const begun: string[] = [];
  const ask = (container: string, signal = new AbortController().signal) =>
    measurements.of(container, signal, () => {
      begun.push(container);
      const end = Promise.withResolvers<string>();
      ends.set(container, end);
      return end.promise;
    });
  const end = async (container: string) => {
    ends.get(container)?.resolve(container);
    await turn();
  };
  return { ask, begun, end, ends };
}

describe('measurements', () => {
  it('of one container are one, however many ask; who asks later gets a new one', async () => {
    const { ask, begun, end } = setUp();
    const answers = Array.from({ length: 20 }, () => ask('a'));
    await turn();
    expect(begun).toEqual(['a']);
    await end('a');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['a']));
    void ask('a');
    await turn();
    expect(begun).toEqual(['a', 'a']);
  });

  it('are two at once, the others in their order, also after one that failed', async () => {
    const { ask, begun, end, ends } = setUp();
    const first = ask('a');
    for (const container of ['b', 'c', 'd']) void ask(container);
    await turn();
    expect(begun).toEqual(['a', 'b']);
    ends.get('a')?.reject(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await turn();
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('c');
    await end('d');
    for (const container of ['e', 'f', 'g']) void ask(container);
    await turn();
    expect(begun.slice(4)).toEqual(['e', 'f']);
  });

  it('begin without a place when there is none in time, and take none from others', async () => {
    const { ask, begun, end } = setUp();
    const late = new AbortController();
    void ask('a');
    void ask('b');
    const third = ask('c', late.signal);
    void ask('d');
    late.abort();
    await turn();
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('c');
    expect(await third).toBe('c');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    void ask('e', AbortSignal.abort());
    await turn();
    expect(begun.at(-1)).toBe('e');
  });
});
