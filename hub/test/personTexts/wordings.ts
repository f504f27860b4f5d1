import ts from 'typescript';
import { isCallable, type Callable, type Declared, type Program } from './program.ts';

/** What is not known before the program runs, in a wording. */
export const HOLE = '{}';
/** More wordings of one expression than these would be a sign of a mistake here. */
const MOST = 64;
const DEEPEST = 6;

/** What an expression may say. `parts` are texts that get into holes: those of lists and of functions that are called. */
export interface Wordings {
  whole: string[];
  parts: string[];
}

/** Called for an expression that is the parameter of a function: what its callers give is said. */
type OnParameter = (callable: Callable, index: number) => void;

/** Reads from the syntax tree what expressions may say, with holes for what is not known. */
export class Reader {
  readonly #program: Program;
  readonly #onParameter: OnParameter;
  #parts: string[] = [];

  constructor(program: Program, onParameter: OnParameter) {
    this.#program = program;
    this.#onParameter = onParameter;
  }

  read(expression: ts.Expression): Wordings {
    this.#parts = [];
    const whole = unique(this.#texts(expression, 0));
    return { whole: whole.filter(isWording), parts: unique(this.#parts).filter(isWording) };
  }

  #texts(expression: ts.Expression, depth: number): string[] {
    const node = bare(expression);
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isTemplateExpression(node)) return this.#template(node, depth);
    if (ts.isConditionalExpression(node))
      return [...this.#texts(node.whenTrue, depth), ...this.#texts(node.whenFalse, depth)];
    if (ts.isBinaryExpression(node)) return this.#binary(node, depth);
    if (depth > DEEPEST) return [HOLE];
    if (ts.isIdentifier(node) && node.text === 'undefined') return [];
    if (ts.isIdentifier(node)) return this.#name(node, depth);
    if (ts.isElementAccessExpression(node) || ts.isPropertyAccessExpression(node)) return this.#entry(node, depth);
    if (ts.isCallExpression(node)) return this.#call(node, depth);
    return [HOLE];
  }

  #template(node: ts.TemplateExpression, depth: number): string[] {
    let texts = [node.head.text];
    for (const { expression, literal } of node.templateSpans) {
      const known = this.#texts(expression, depth + 1);
      const inside = known.length === 0 ? [HOLE] : known;
      texts = texts.flatMap((text) => unique(inside).map((one) => text + one + literal.text));
      if (texts.length > MOST) throw new Error(`too many wordings: ${node.getText()}`);
    }
    return texts.map((text) => text.replaceAll(/(\{\})+/g, HOLE));
  }

  #binary(node: ts.BinaryExpression, depth: number): string[] {
    const kind = node.operatorToken.kind;
    // `x ?? ''` says nothing only where there is nothing to say.
    if (kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken)
      return [...this.#texts(node.left, depth), ...this.#texts(node.right, depth)].filter((text) => text !== '');
    if (kind !== ts.SyntaxKind.PlusToken) return [HOLE];
    const right = this.#texts(node.right, depth);
    const both = this.#texts(node.left, depth).flatMap((left) => right.map((text) => left + text));
    return both.map((text) => text.replaceAll(/(\{\})+/g, HOLE));
  }

  #name(node: ts.Identifier, depth: number): string[] {
    const declared = this.#program.declarationOf(node.text, node);
    if (declared === undefined || isCallable(declared)) return [HOLE];
    if (ts.isBindingElement(declared)) return this.#part(declared, depth);
    if (!ts.isParameter(declared)) return this.#texts(declared, depth + 1);
    const callable = declared.parent;
    if (isCallable(callable)) this.#onParameter(callable, callable.parameters.indexOf(declared));
    return [HOLE];
  }

  /** `const [a, b] = …`: what stands at the same place of the list, or of each list that it may be. */
  #part(element: ts.BindingElement, depth: number): string[] {
    const pattern = element.parent as ts.ArrayBindingPattern;
    const index = pattern.elements.indexOf(element);
    const { initializer } = pattern.parent as ts.VariableDeclaration;
    const found = listsOf(initializer).map((list) => list.elements[index]);
    const texts = found.flatMap((one) => (one === undefined ? [HOLE] : this.#texts(one, depth + 1)));
    return texts.length === 0 ? [HOLE] : texts;
  }

  /** `TABLE[key]` and `TABLE.key` of a constant object or list say what stands in it. */
  #entry(node: ts.ElementAccessExpression | ts.PropertyAccessExpression, depth: number): string[] {
    const table = this.#constant(node.expression);
    const wanted = ts.isPropertyAccessExpression(node) ? node.name.text : undefined;
    const texts = entriesOf(table)
      .filter(([name]) => wanted === undefined || name === wanted)
      .flatMap(([, one]) => this.#texts(one, depth + 1));
    return texts.length === 0 ? [HOLE] : texts;
  }

  #constant(expression: ts.Expression): ts.Expression | undefined {
    const node = bare(expression);
    if (!ts.isIdentifier(node)) return node;
    const declared = this.#program.declarationOf(node.text, node);
    return isExpression(declared) ? bare(declared) : undefined;
  }

  /** A call as the whole text says what the function returns; inside a text that gets into a hole. */
  #call(node: ts.CallExpression, depth: number): string[] {
    if (ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'join') {
      this.#elements(node.expression.expression, depth);
      return [HOLE];
    }
    const callable = this.#program.calleeOf(node);
    if (callable?.body === undefined) return [HOLE];
    const returned = unique(returns(callable).flatMap((one) => this.#texts(one, depth + 1)));
    if (depth === 0) return returned;
    this.#parts.push(...returned);
    return [HOLE];
  }

  /** The texts of a list: of `[a, b]`, of `list.map((one) => text)`, of a constant that is one of those. */
  #elements(expression: ts.Expression, depth: number): void {
    const node = bare(expression);
    if (ts.isArrayLiteralExpression(node)) {
      for (const one of node.elements) {
        if (ts.isSpreadElement(one)) for (const list of listsOf(one.expression)) this.#elements(list, depth + 1);
        else this.#parts.push(...this.#texts(one, depth + 1));
      }
    } else if (ts.isCallExpression(node)) {
      const [mapper] = node.arguments;
      if (mapper !== undefined && isCallable(mapper)) {
        for (const one of returns(mapper)) {
          if (ts.isArrayLiteralExpression(bare(one))) this.#elements(one, depth);
          else this.#parts.push(...this.#texts(one, depth + 1));
        }
      }
      if (ts.isPropertyAccessExpression(node.expression)) this.#elements(node.expression.expression, depth);
    } else if (ts.isIdentifier(node) && depth < DEEPEST) {
      const declared = this.#program.declarationOf(node.text, node);
      if (isExpression(declared)) this.#elements(declared, depth + 1);
    }
  }
}

function listsOf(expression: ts.Expression | undefined): ts.ArrayLiteralExpression[] {
  if (expression === undefined) return [];
  const node = bare(expression);
  if (ts.isConditionalExpression(node)) return [...listsOf(node.whenTrue), ...listsOf(node.whenFalse)];
  return ts.isArrayLiteralExpression(node) ? [node] : [];
}

function entriesOf(table: ts.Expression | undefined): [string, ts.Expression][] {
  if (table === undefined) return [];
  if (ts.isArrayLiteralExpression(table)) return table.elements.map((one, index) => [String(index), one]);
  if (!ts.isObjectLiteralExpression(table)) return [];
  return table.properties.flatMap((one) => (ts.isPropertyAssignment(one) ? [[nameOf(one), one.initializer]] : []));
}

function isExpression(declared: Declared | undefined): declared is ts.Expression {
  if (declared === undefined || ts.isParameter(declared) || ts.isBindingElement(declared)) return false;
  return !isCallable(declared);
}

/** The expressions that a function may return, its own and not those of functions inside. */
export function returns({ body }: Callable): ts.Expression[] {
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (isCallable(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

/** The expression without brackets, `as`, `satisfies`, `!` and `await`. */
export function bare(expression: ts.Expression | ts.Node): ts.Expression {
  let node = expression as ts.Expression;
  while (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAwaitExpression(node)
  ) {
    node = node.expression;
  }
  return node;
}

export function nameOf({ name }: ts.PropertyAssignment | ts.ShorthandPropertyAssignment): string {
  return ts.isStringLiteralLike(name) || ts.isIdentifier(name) ? name.text : '';
}

/** Words of a language: not only a hole or punctuation, and not a lone lower-case word, which is a name of the API. */
function isWording(text: string): boolean {
  return /[a-z]{2}/i.test(text.replaceAll(HOLE, '')) && /\s|^[A-Z]|^\{\}[a-z]/.test(text);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
