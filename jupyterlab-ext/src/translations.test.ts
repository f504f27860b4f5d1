import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sourceStrings } from '../test/sourceStrings.ts';

const ROOT = join(import.meta.dirname, '..');
const chinese = JSON.parse(readFileSync(join(ROOT, 'locale/zh_CN.json'), 'utf8')) as Record<string, string>;
const strings = sourceStrings(join(ROOT, 'src'));
const texts = [...new Set(strings.map(({ text }) => text))];

/** Names and formats that Chinese writes alike. */
const SAME = new Set([
  'Davit',
  'CPU',
  'GPU',
  'VS Code',
  '%1 CPU',
  '%1 GPU',
  'GPU %1 %',
  '%1 (%2)',
  'Davit: %1',
  '%1 of %2',
]);

describe('the Chinese texts', () => {
  it('are found: an empty list would pass every other test', () => {
    expect(texts.length).toBeGreaterThan(80);
  });

  it.each(texts)('say "%s" in Chinese', (text) => {
    const translated = chinese[text];
    expect(translated).toBeDefined();
    if (!SAME.has(text)) expect(translated).toMatch(/\p{Script=Han}/u);
  });

  it.each(strings.map(({ text, plural }) => [text, plural] as const))(
    'fill the same places as "%s"',
    (text, plural) => {
      // A plural may leave the number out in its singular; Chinese has only one form.
      expect(places(chinese[text] ?? '')).toEqual(places(plural ?? text));
    },
  );

  it('have nothing that no source says', () => {
    expect(Object.keys(chinese).filter((text) => !texts.includes(text))).toEqual([]);
  });
});

describe('the schemas', () => {
  it.each(['menus', 'images-view', 'usage-view'])('of %s show no word but the name: nobody translates them', (name) => {
    const schema = JSON.parse(readFileSync(join(ROOT, `schema/${name}.json`), 'utf8')) as Record<string, unknown>;
    expect(schema).toMatchObject({ title: 'Davit', description: '' });
  });
});

function places(text: string): string[] {
  return [...text.matchAll(/%\d/g)].map(([place]) => place).sort();
}
