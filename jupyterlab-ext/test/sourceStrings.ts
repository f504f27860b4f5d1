import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A text of the sources as `trans` is called with it; `plural` where it has one. */
export interface SourceString {
  text: string;
  plural?: string;
  file: string;
}

/** Every text that the sources below `directory` give to a translator, read from the syntax tree and not by pattern. */
export function sourceStrings(directory: string): SourceString[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .flatMap((name) => stringsOf(join(directory, name)));
}

function stringsOf(file: string): SourceString[] {
  const found: SourceString[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [first, second] = node.arguments;
      const method = node.expression.name.text;
      if (method === '__' && first !== undefined) found.push({ text: literal(first, file), file });
      if (method === '_n' && first !== undefined && second !== undefined) {
        found.push({ text: literal(first, file), plural: literal(second, file), file });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return found;
}

function literal(node: ts.Node, file: string): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  throw new Error(`${file} translates what is no literal: ${node.getText()}`);
}
