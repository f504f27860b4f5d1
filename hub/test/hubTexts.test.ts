import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HUB_TEXTS, OTHER_TEXTS } from '@davit/contract/texts';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
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
    '/platform/(db|directoryLock|embeddedPostgres)\\.ts',
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

/** Where front ends read the reason of a server, image or job, or the detail of a problem, and do not translate it. */
function untranslated(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && /^(?:reason|detail)$/.test(node.name.text) && isShown(node))
      found.push(`${file}: ${node.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

function isShown(access: ts.Expression): boolean {
  const { parent } = access;
  if (ts.isBinaryExpression(parent) && /^[!=]==$/.test(parent.operatorToken.getText())) return false;
  for (let node: ts.Node | undefined = parent; node !== undefined; node = node.parent as ts.Node | undefined) {
    if (ts.isCallExpression(node) && /\b(?:hubText|words)$/.test(node.expression.getText())) return false;
  }
  return true;
}

describe('the front ends', () => {
  const files = ['hub/web/src', 'shared/ui/src', 'jupyterlab-ext/src', 'vscode-ext/src'].flatMap((directory) =>
    readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
      .map((name) => join(directory, name)),
  );

  it('show what the hub wrote in the language of the reader', () => {
    expect(files.length).toBeGreaterThan(150);
    expect(files.flatMap((file) => untranslated(file, readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });

  it.each([
    ['<p>{job.reason}</p>', 1],
    ['<p title={image.reason ?? undefined} />', 1],
    ['say(error.problem.detail)', 1],
    ['job.reason === null ? undefined : texts.hubText(job.reason)', 0],
    ["hubText(job.reason ?? '')", 0],
  ])('would be caught showing it in English: %s', (source, count) => {
    expect(untranslated('x.tsx', source)).toHaveLength(count);
  });
});

interface Manifest {
  title: string;
  description: string;
  kind?: string;
}
