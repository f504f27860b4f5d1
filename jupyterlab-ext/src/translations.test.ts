import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Chinese } from '../scripts/wheelPlan.ts';
import { sourceStrings } from '../test/sourceStrings.ts';

const ROOT = join(import.meta.dirname, '..');
const chinese = JSON.parse(readFileSync(join(ROOT, 'locale/zh_CN.json'), 'utf8')) as Chinese;
const strings = sourceStrings(join(ROOT, 'src'));
const texts = [...new Set(strings.map(({ text }) => text))];

/** Names and formats that Chinese writes alike. */
const SAME = new Set(['Davit', 'VS Code', '%1 CPU', '%1 GPU', 'GPU %1 %', '%1 (%2)', '%1, %2', 'Davit: %1']);

function translationOf(text: string): string {
  const translated = chinese[text];
  return typeof translated === 'object' ? translated.many : (translated ?? '');
}

describe('the Chinese texts', () => {
  it('are found: an empty list would pass every other test', () => {
    expect(texts.length).toBeGreaterThan(80);
  });

  it.each(texts)('say "%s" in Chinese', (text) => {
    if (SAME.has(text)) expect(translationOf(text)).not.toBe('');
    else expect(translationOf(text)).toMatch(/\p{Script=Han}/u);
  });

  it.each(strings.map(({ text, plural }) => [text, plural] as const))('fit the way "%s" is used', (text, plural) => {
    // JupyterLab ignores a plural that is written like a singular, and the other way round.
    expect(typeof chinese[text]).toBe(plural === undefined ? 'string' : 'object');
    // The English singular may leave its number out; the one form of Chinese stands for all numbers.
    expect(places(translationOf(text))).toEqual(places(plural ?? text));
  });

  it('have nothing that no source says', () => {
    expect(Object.keys(chinese).filter((text) => !texts.includes(text))).toEqual([]);
  });
});

describe('the schemas', () => {
  const named = new Map([
    ['title', 'Davit'],
    ['description', ''],
  ]);

  // JupyterLab translates schemas from its own language packs only, so there must be nothing to translate.
  it.each(['menus', 'images-view', 'usage-view'])('of %s show no word but the name', (name) => {
    const schema: unknown = JSON.parse(readFileSync(join(ROOT, `schema/${name}.json`), 'utf8'));
    expect(schema).toMatchObject(Object.fromEntries(named));
  });
});

function places(text: string): string[] {
  return [...text.matchAll(/%\d/g)].map(([place]) => place).sort();
}
