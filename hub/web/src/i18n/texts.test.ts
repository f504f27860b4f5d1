import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** Each text by its path: `server.phases.running`. */
function flatten(value: object, prefix = ''): Map<string, unknown> {
  const entries = Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    typeof child === 'object' && child !== null
      ? [...flatten(child, `${prefix}${key}.`)]
      : [[`${prefix}${key}`, child] as [string, unknown]],
  );
  return new Map(entries);
}

/** What is written the same in both languages: names of products and units. */
const SAME = new Set([
  'home.cpu',
  'home.gpu',
  'server.editors.jupyterlab',
  'server.editors.code-server',
  'server.gpus',
  'start.presets.gpu',
  'start.presets.gpu-small',
  'users.importText',
]);

const english = flatten(en);
const chinese = flatten(zh);

describe('the texts', () => {
  it('have the same keys in both languages', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it.each([...english])('say %s in both languages', (path, text) => {
    const other = chinese.get(path);
    expect(typeof other).toBe(typeof text);
    if (typeof text === 'function' || SAME.has(path)) return;
    expect(text).not.toBe('');
    expect(other).toMatch(/\p{Script=Han}/u);
  });

  it('are all used by a page', () => {
    const roots = [join(import.meta.dirname, '..'), join(import.meta.dirname, '../../../../shared/ui/src')];
    const source = roots.flatMap(sources).join('\n');
    const keys = Object.entries(en).flatMap(([area, texts]) =>
      typeof texts === 'object' ? Object.keys(texts).map((key) => [area, key] as const) : [],
    );
    const unused = keys.filter(([, key]) => !new RegExp(`\\.${key}\\b`).test(source));
    expect(unused).toEqual([]);
  });
});

function sources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n'))
    .map((name) => readFileSync(join(directory, name), 'utf8'));
}
