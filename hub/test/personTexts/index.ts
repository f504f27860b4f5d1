import ts from 'typescript';
import type { Program } from './program.ts';
import { isCallable, type Callable } from './program.ts';
import { bare, nameOf, Reader } from './wordings.ts';

/** A text that the hub may say to a person, `{}` for what is filled in, and where it stands. */
export interface PersonText {
  text: string;
  place: string;
}

/** Errors whose message a person reads, with the place of the message among the arguments. */
const ERRORS: Record<string, number> = {
  AppError: 1,
  SpawnRefused: 0,
  ImageFailed: 0,
  ImageJobFailed: 0,
  ImageBuildError: 0,
  SaveRefused: 0,
  NotAllowed: 0,
  RegistryError: 2,
  EngineUnreachable: 0,
  ClusterUnreachable: 0,
};
/** What the drivers and the image savers throw besides is quoted in reasons: `The engine failed before: …`. */
const QUOTED = /\/(?:drivers|image-saver|oci)\//;
/** Functions that are handed around and write a line of a job's log. */
const LINES = new Set(['line', 'onLine']);
/** Functions that keep a text for people, with its place among the arguments. */
const KEEPERS: Record<string, number> = { '#setPhase': 2, setPhase: 2 };
/** Methods of zod that take a message of one's own, which then is the argument with this place. */
const CHECKS: Record<string, number> = { regex: 1, refine: 1, min: 1, max: 1, stringbool: 0 };
/** Properties that are told, most with a neighbour: the message of a field, of a reason, of a line of an import. */
const TOLD: Record<string, readonly string[] | 'always'> = {
  message: ['path', 'code', 'status', 'pattern', 'protocol'],
  refusal: ['line'],
  advice: ['pattern'],
  detail: ['title'],
  text: ['event'],
  reason: 'always',
};

/** Every text below the directories that can reach a person, found by following what is said back to its words. */
export function personTexts(program: Program): PersonText[] {
  return new Collector(program).collect();
}

class Collector {
  readonly #program: Program;
  readonly #reader: Reader;
  /** Functions of which a parameter is said to a person. */
  readonly #speakers = new Map<Callable, Set<number>>();
  readonly #found = new Map<string, string>();
  #grown = true;

  constructor(program: Program) {
    this.#program = program;
    this.#reader = new Reader(program, (callable, index) => this.#speaks(callable, index));
  }

  /** Goes over the sources until no more functions turn out to pass on what they are given. */
  collect(): PersonText[] {
    while (this.#grown) {
      this.#grown = false;
      for (const file of this.#program.files.values()) this.#visit(file);
    }
    return [...this.#found].map(([text, place]) => ({ text, place })).sort((a, b) => (a.place < b.place ? -1 : 1));
  }

  #speaks(callable: Callable, index: number): void {
    const indices = this.#speakers.get(callable) ?? new Set();
    if (indices.has(index)) return;
    this.#speakers.set(callable, indices.add(index));
    this.#grown = true;
  }

  #visit(node: ts.Node): void {
    for (const said of this.#said(node)) this.#take(said);
    ts.forEachChild(node, (child) => this.#visit(child));
  }

  #take(expression: ts.Expression): void {
    const { whole, parts } = this.#reader.read(expression);
    const file = expression.getSourceFile();
    const line = file.getLineAndCharacterOfPosition(expression.getStart()).line + 1;
    for (const text of [...whole, ...parts]) {
      if (!this.#found.has(text)) this.#found.set(text, `${file.fileName}:${line}`);
    }
  }

  /** The expressions that a node says to a person. */
  #said(node: ts.Node): ts.Expression[] {
    if (ts.isNewExpression(node)) return messageOf(node);
    if (ts.isObjectLiteralExpression(node)) return told(node);
    if (ts.isCallExpression(node)) return [...this.#passed(node), ...written(node)];
    return ofEditor(node);
  }

  /** What is given to a function that says it. */
  #passed(call: ts.CallExpression): ts.Expression[] {
    const callable = this.#program.calleeOf(call);
    const indices = callable === undefined ? undefined : this.#speakers.get(callable);
    return [...(indices ?? [])].flatMap((index) => at(call.arguments, index));
  }
}

function messageOf(node: ts.NewExpression): ts.Expression[] {
  const name = lastName(node.expression);
  const isQuoted = name === 'Error' && QUOTED.test(node.getSourceFile().fileName);
  return at(node.arguments, isQuoted ? 0 : ERRORS[name]);
}

function told(node: ts.ObjectLiteralExpression): ts.Expression[] {
  const names = new Set(node.properties.map((one) => (one.name === undefined ? '' : one.name.getText())));
  return node.properties.flatMap((one) => {
    const isPlain = ts.isPropertyAssignment(one) || ts.isShorthandPropertyAssignment(one);
    const neighbours = isPlain ? (TOLD[nameOf(one)] ?? []) : [];
    if (!isPlain || (neighbours !== 'always' && !neighbours.some((name) => names.has(name)))) return [];
    return ts.isPropertyAssignment(one) ? [one.initializer] : [one.name];
  });
}

/** What a call says by its name alone. */
function written(call: ts.CallExpression): ts.Expression[] {
  const name = lastName(call.expression);
  if (LINES.has(name) || call.expression.getText() === 'ImageBuildError.of') return at(call.arguments, 0);
  if (name in KEEPERS) return at(call.arguments, KEEPERS[name]);
  const message = at(call.arguments, CHECKS[name])[0];
  return message !== undefined && ts.isStringLiteralLike(bare(message)) ? [message] : [];
}

/** `#message`, as it begins and as it is set: what the agent tells the hub of an editor. */
function ofEditor(node: ts.Node): ts.Expression[] {
  if (ts.isPropertyDeclaration(node))
    return node.name.getText() === '#message' && node.initializer !== undefined ? [node.initializer] : [];
  const isSet = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return isSet && node.left.getText() === 'this.#message' ? [node.right] : [];
}

function at(given: ts.NodeArray<ts.Expression> | undefined, index: number | undefined): ts.Expression[] {
  const one = index === undefined ? undefined : given?.[index];
  return one === undefined || isCallable(one) ? [] : [one];
}

function lastName(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
}
