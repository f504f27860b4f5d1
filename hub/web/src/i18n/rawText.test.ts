import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** Attributes whose text a person reads or hears. */
const SPOKEN = new Set([
  'label',
  'title',
  'text',
  'hint',
  'submit',
  'description',
  'placeholder',
  'alt',
  'empty',
  'lead',
]);
/** The product's own name is the same in each language. */
const NAMES = new Set(['Davit']);

const SOURCE = join(import.meta.dirname, '..');
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'));

/** Words written straight into a page, past the table of texts. */
function rawTexts(name: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) add(node.text);
    if (ts.isJsxAttribute(node) && isSpoken(node.name.getText()) && node.initializer !== undefined) literals(node);
    if (ts.isPropertyAssignment(node) && isSpoken(node.name.getText())) literals(node.initializer);
    if (ts.isJsxExpression(node) && node.expression !== undefined && !ts.isJsxAttribute(node.parent)) {
      if (ts.isStringLiteralLike(node.expression)) add(node.expression.text);
    }
    ts.forEachChild(node, visit);
  };
  const literals = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) add(node.text);
    else if (ts.isJsxAttribute(node) || ts.isJsxExpression(node)) ts.forEachChild(node, literals);
  };
  const add = (words: string): void => {
    if (/\p{L}{2}/u.test(words) && !NAMES.has(words.trim())) found.push(`${name}: ${words.trim()}`);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

function isSpoken(attribute: string): boolean {
  return SPOKEN.has(attribute) || attribute === 'aria-label';
}

describe('the pages', () => {
  it('have all their words from the table', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((name) => rawTexts(name, readFileSync(join(SOURCE, name), 'utf8')))).toEqual([]);
  });

  it.each([
    ['<p>Hello there</p>', 1],
    ['<Button label="Stop it" />', 1],
    ['<Button label={"Stop it"} />', 1],
    ['<p>{"Hello"}</p>', 1],
    ['const entries = [{ id: "stop", text: "Stop" }]', 1],
    ['<p className="panel">{texts.hello} / {count}</p>', 0],
  ])('would be caught with words of their own: %s', (source, count) => {
    expect(rawTexts('x.tsx', source)).toHaveLength(count);
  });
});
