import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../commands/registry.ts';
import { viewNames } from '../../test/views.ts';
import { en } from './en.ts';
import { languageOf } from './language.ts';
import { zh } from './zh.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const json = (path: string) => JSON.parse(read(path)) as Record<string, unknown>;

/** Each text by its path: `server.phases.running`. */
function flatten(value: object, prefix = ''): Map<string, unknown> {
  const entries = Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    typeof child === 'object' && child !== null
      ? [...flatten(child, `${prefix}${key}.`)]
      : [[`${prefix}${key}`, child] as [string, unknown]],
  );
  return new Map(entries);
}

/** Written the same in both languages: names of products and abbreviations. */
const SAME = new Set(['server.editors.jupyterlab', 'server.editors.code-server', 'server.cpu', 'server.gpu']);

const english = flatten(en);
const chinese = flatten(zh);

function sources(): { name: string; text: string }[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n') && !name.includes('.test.'))
    .map((name) => ({ name, text: read(join('src', name)) }));
}

describe('the texts of the extension', () => {
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

  it('are all used', () => {
    const source = sources()
      .map(({ text }) => text)
      .join('\n');
    const keys = Object.entries(en)
      .filter(([area]) => area !== 'ui' && area !== 'units')
      .flatMap(([area, texts]) => Object.keys(texts).map((key) => `${area}.${key}`));
    const unused = keys.filter((key) => !new RegExp(`\\.${key.split('.').at(-1) ?? ''}\\b`).test(source));
    expect(unused).toEqual([]);
  });

  it('are nowhere but in the tables: no sentence stands in the code', () => {
    const sentences = sources()
      .filter(({ name }) => !name.startsWith('hub'))
      .flatMap(({ name, text }) =>
        [...text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').matchAll(/(['"`])([A-Z][a-z]+ [a-z][^'"`]*)\1/g)].map(
          (match) => `${name}: ${match[2] ?? ''}`,
        ),
      );
    expect(sentences).toEqual([]);
  });

  it('follow the editor’s language', () => {
    expect(languageOf('zh-cn')).toEqual({ locale: 'zh-CN', texts: zh });
    expect(languageOf('zh-tw').texts).toBe(zh);
    expect(languageOf('en').texts).toBe(en);
    expect(languageOf('fr')).toEqual({ locale: 'en-US', texts: en });
  });
});

describe('the texts of package.json', () => {
  const manifest = read('package.json');
  const used = new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1] ?? ''));
  const tables = { en: json('package.nls.json'), zh: json('package.nls.zh-cn.json') };

  it('are in both languages, and none is left over', () => {
    const wanted = [...used].sort();
    expect(Object.keys(tables.en).sort()).toEqual(wanted);
    expect(Object.keys(tables.zh).sort()).toEqual(wanted);
    for (const key of wanted) {
      expect(String(tables.en[key])).not.toMatch(/\p{Script=Han}/u);
      expect(String(tables.zh[key])).toMatch(/\p{Script=Han}/u);
    }
  });

  it('lead to the same commands in both languages', () => {
    const links = (text: unknown) => [...String(text).matchAll(/\(command:([\w.]+)\)/g)].map((match) => match[1]);
    for (const key of used) expect(links(tables.zh[key])).toEqual(links(tables.en[key]));
  });
});

interface Contributes {
  commands: { command: string; title: string; category: string }[];
  views: Record<string, { id: string }[]>;
  menus: Record<string, { command: string; when: string }[]>;
}

describe('package.json', () => {
  const { contributes, extensionKind, activationEvents } = json('package.json') as unknown as {
    contributes: Contributes;
    extensionKind: string[];
    activationEvents: string[];
  };

  it('declares exactly the commands that there are, under one category', () => {
    expect(contributes.commands.map(({ command }) => command).sort()).toEqual(Object.keys(COMMANDS).sort());
    for (const { command, category, title } of contributes.commands) {
      expect(command).toMatch(/^davit\.[a-z]+[A-Za-z]*$/);
      expect(category).toBe('Davit');
      expect(title).toBe(`%command.${command.replace('davit.', '')}%`);
    }
  });

  it('declares exactly the views that there are', () => {
    expect(contributes.views['davit']?.map(({ id }) => id)).toEqual(viewNames());
  });

  it('offers in menus only commands that there are', () => {
    const offered = Object.values(contributes.menus).flatMap((entries) => entries.map(({ command }) => command));
    expect(offered.filter((command) => !(command in COMMANDS))).toEqual([]);
  });

  it('runs where the files are, and not before the window stands', () => {
    expect(extensionKind).toEqual(['workspace']);
    expect(activationEvents).toEqual(['onStartupFinished']);
  });
});
