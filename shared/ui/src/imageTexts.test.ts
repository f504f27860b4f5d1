import { describe, expect, it } from '@jest/globals';
import { IMAGE_TEXTS } from './imageTexts.ts';

/** Each text by its path; functions are called with what stands for their arguments. */
function flatten(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const path = `${prefix}${key}`;
    if (typeof child === 'object' && child !== null) return flatten(child, `${path}.`);
    const text = typeof child === 'function' ? (child as (...args: string[]) => string)('①', '②') : child;
    return [[path, String(text)] as [string, string]];
  });
}

/** Of arguments alone. */
const SAME = new Set(['hubText', 'job.bytes', 'job.parts', 'save.whySize']);

describe('the words about images', () => {
  const english = flatten(IMAGE_TEXTS.en);
  const chinese = new Map(flatten(IMAGE_TEXTS.zh));

  it.each(english)('say %s in both languages, with the same arguments', (path, text) => {
    const other = chinese.get(path) ?? '';
    expect(text).not.toBe('');
    if (!SAME.has(path)) expect(other).toMatch(/\p{Script=Han}/u);
    for (const argument of ['①', '②']) expect(other.includes(argument)).toBe(text.includes(argument));
  });
});
