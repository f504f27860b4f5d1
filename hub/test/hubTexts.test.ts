import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HUB_TEXTS, OTHER_TEXTS } from '@davit/contract/texts';
import { describe, expect, it } from '@jest/globals';
import { personTexts } from './personTexts/index.ts';
import { Program } from './personTexts/program.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = [
  ...['domains', 'drivers', 'platform', 'proxy'].map((step) => join('hub/src', step)),
  'shared/contract/src',
  'shared/oci/src',
  'deploy/image-saver/src',
  'images/agent/src',
];

/**
 * What only those read who start the hub in a terminal or develop it: refusals at boot and faults of the programmer. Of
 * the agent only what it says about editors gets to people.
 */
const NOT_SHOWN = new RegExp(
  [
    '/drivers/signing/',
    '/drivers/images/(agentBundle|catalogue|contextFiles|engineCli|overlays|plan|registryPush|settingsSecret)\\.ts',
    '/drivers/images/maker/(finishing|tarFile)\\.ts',
    '/spawner/docker/(connect|ids|ping|podmanService|privateDirectory)\\.ts',
    '/spawner/kubernetes/(kubeApi|settings|watch)\\.ts',
    '/spawner/fake/',
    '[cC]onformance',
    '/platform/embeddedPostgres\\.ts',
    '/agent/src/(?!editor\\.|processGroup\\.)',
    '/contract/src/texts/',
    '/image-saver/src/(config|main)\\.ts',
  ].join('|'),
);

/** Amounts and names, which Chinese writes alike. */
const SAME = new Set(['JupyterLab', 'VS Code', '{} MiB', '{} GiB', '{}st', '{}nd', '{}rd', '{}th']);

const program = new Program();
for (const directory of SOURCES) program.addAll(join(ROOT, directory), NOT_SHOWN);
program.add(join(ROOT, 'hub/src/app.ts'), readFileSync(join(ROOT, 'hub/src/app.ts'), 'utf8'));
const said = personTexts(program);

const HOLE = /(?<!\$)\{\w+\}/g;
const templates = new Map(Object.keys(HUB_TEXTS).map((text) => [text.replaceAll(HOLE, '{}'), text]));

describe('what the hub says', () => {
  it('is found: an empty list would pass every other test', () => {
    expect(said.length).toBeGreaterThan(300);
  });

  it('has a Chinese translation, each sentence', () => {
    const missing = said.filter(({ text }) => !templates.has(text));
    expect(missing.map(({ text, place }) => `${place.slice(ROOT.length + 1)}: ${text}`)).toEqual([]);
  });

  it('is what is translated, and nothing that no source says any more', () => {
    const texts = new Set(said.map(({ text }) => text));
    expect([...templates].filter(([shape]) => !texts.has(shape)).map(([, text]) => text)).toEqual([]);
  });

  it('is Chinese in Chinese, with the same holes', () => {
    for (const [english, chinese] of Object.entries({ ...HUB_TEXTS, ...OTHER_TEXTS.schemas })) {
      if (!SAME.has(english.replaceAll(HOLE, '{}'))) expect(chinese).toMatch(/\p{Script=Han}/u);
      const holes = new Set(english.match(HOLE));
      expect([...(chinese.match(HOLE) ?? [])].filter((hole) => !holes.has(hole))).toEqual([]);
    }
  });

  it('has two templates for no sentence', () => {
    expect(templates.size).toBe(Object.keys(HUB_TEXTS).length);
  });
});

describe('the images that come with Davit', () => {
  it('have title and description in Chinese, and no others have', () => {
    const manifests = readdirSync(join(ROOT, 'images'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /^[\w-]+\/image\.json$/.test(name))
      .map((name) => JSON.parse(readFileSync(join(ROOT, 'images', name), 'utf8')) as Manifest)
      .filter(({ kind }) => kind !== 'service');
    const texts = manifests.flatMap(({ title, description }) => [title, description]);
    expect(Object.keys(OTHER_TEXTS.names).sort()).toEqual([...new Set(texts)].sort());
  });
});

interface Manifest {
  title: string;
  description: string;
  kind?: string;
}
