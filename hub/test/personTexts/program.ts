import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

/** Something with a body that is called by name: a function, a method, or an arrow function in a constant. */
export type Callable = ts.FunctionDeclaration | ts.MethodDeclaration | ts.ArrowFunction | ts.FunctionExpression;

/** What a name stands for in its file; a binding element is one of a list that is taken apart. */
export type Declared = ts.Expression | Callable | ts.ParameterDeclaration | ts.BindingElement;

/** Syntax trees of sources that import one another by relative path; names are followed across them. */
export class Program {
  readonly files = new Map<string, ts.SourceFile>();

  /** Adds the sources below a directory but tests and what `leaveOut` matches by its path. */
  addAll(directory: string, leaveOut: RegExp): this {
    for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      const path = join(directory, name);
      if (!name.endsWith('.ts') || name.includes('.test.') || leaveOut.test(path)) continue;
      this.add(path, readFileSync(path, 'utf8'));
    }
    return this;
  }

  add(path: string, text: string): void {
    this.files.set(path, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  }

  /** What `name` stands for where `at` stands: the nearest scope first, then the file's own names, then imports. */
  declarationOf(name: string, at: ts.Node): Declared | undefined {
    for (let scope: ts.Node | undefined = at.parent; scope !== undefined; scope = scope.parent as ts.Node | undefined) {
      const found = declaredIn(scope, name);
      if (found !== undefined) return found;
      if (ts.isSourceFile(scope)) return this.#imported(scope, name);
    }
    return undefined;
  }

  /** The function that a call runs, as far as the sources say: `f()`, `words.f()` of `import * as words`, `this.f()`. */
  calleeOf(call: ts.CallExpression): Callable | undefined {
    const { expression } = call;
    if (ts.isIdentifier(expression)) {
      const declared = this.declarationOf(expression.text, call);
      return declared !== undefined && isCallable(declared) ? declared : undefined;
    }
    if (!ts.isPropertyAccessExpression(expression)) return undefined;
    if (expression.expression.kind === ts.SyntaxKind.ThisKeyword) return methodOf(call, expression.name.text);
    if (!ts.isIdentifier(expression.expression)) return undefined;
    const module = this.#namespace(call.getSourceFile(), expression.expression.text);
    return module === undefined ? undefined : callableIn(module, expression.name.text);
  }

  #imported(file: ts.SourceFile, name: string): Declared | undefined {
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement)) continue;
      const bindings = statement.importClause?.namedBindings;
      if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
      const element = bindings.elements.find((one) => one.name.text === name);
      const module = element === undefined ? undefined : this.#module(file, statement);
      if (module !== undefined) return this.#exported(module, (element?.propertyName ?? element?.name)?.text ?? name);
    }
    return undefined;
  }

  #exported(module: ts.SourceFile, name: string): Declared | undefined {
    const own = declaredIn(module, name);
    if (own !== undefined) return own;
    for (const statement of module.statements) {
      if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) continue;
      const named = statement.exportClause;
      const passes =
        named === undefined || (ts.isNamedExports(named) && named.elements.some((one) => one.name.text === name));
      const next = passes ? this.#module(module, statement) : undefined;
      const found = next === undefined ? undefined : this.#exported(next, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #namespace(file: ts.SourceFile, name: string): ts.SourceFile | undefined {
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement)) continue;
      const bindings = statement.importClause?.namedBindings;
      if (bindings !== undefined && ts.isNamespaceImport(bindings) && bindings.name.text === name)
        return this.#module(file, statement);
    }
    return undefined;
  }

  #module(file: ts.SourceFile, { moduleSpecifier }: ts.ImportDeclaration | ts.ExportDeclaration) {
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined;
    return this.files.get(resolve(file.fileName, '..', moduleSpecifier.text));
  }
}

export function isCallable(node: ts.Node): node is Callable {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node)
  );
}

/** What the names of a scope stand for; `let` and names out of objects stand for nothing that is known here. */
function declaredIn(scope: ts.Node, name: string): Declared | undefined {
  if (isCallable(scope) || ts.isConstructorDeclaration(scope)) {
    return scope.parameters.find((one) => ts.isIdentifier(one.name) && one.name.text === name);
  }
  if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) return undefined;
  for (const statement of scope.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name?.text === name && statement.body !== undefined)
      return statement;
    if (!ts.isVariableStatement(statement)) continue;
    const found = statement.declarationList.declarations.find(
      (one) => ts.isIdentifier(one.name) && one.name.text === name,
    );
    if (found?.initializer !== undefined) return found.initializer;
    const part = statement.declarationList.declarations.flatMap(partsOf).find((one) => one.name.getText() === name);
    if (part !== undefined) return part;
  }
  return undefined;
}

function partsOf({ name }: ts.VariableDeclaration): ts.BindingElement[] {
  return ts.isArrayBindingPattern(name) ? name.elements.filter((one) => ts.isBindingElement(one)) : [];
}

function callableIn(module: ts.SourceFile, name: string): Callable | undefined {
  const declared = declaredIn(module, name);
  return declared !== undefined && isCallable(declared) ? declared : undefined;
}

function methodOf(at: ts.Node, name: string): Callable | undefined {
  for (let node: ts.Node | undefined = at; node !== undefined; node = node.parent as ts.Node | undefined) {
    if (!ts.isClassDeclaration(node)) continue;
    return node.members.find((one) => ts.isMethodDeclaration(one) && one.name.getText() === name) as
      ts.MethodDeclaration | undefined;
  }
  return undefined;
}
