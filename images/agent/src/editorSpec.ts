import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How an image describes one of its editors, in `/opt/davit/editors/<name>.json`. */
export interface EditorSpec {
  name: string;
  title: string;
  /** Program and arguments; may contain `${PORT}`, `${BASE_PATH}` and `${HOME}`, as may `env` and `ready.path`. */
  command: string[];
  /** Whether the editor sees the full path (`keep`) or the path below `/<name>` (`strip`). */
  prefix: 'keep' | 'strip';
  /** Below the base path for `keep`. Any status under 500 means that the editor is ready. */
  ready: { path: string };
  env: Record<string, string>;
}

export interface Placeholders {
  PORT: number;
  BASE_PATH: string;
  HOME: string;
}

/** Reads and checks a description; throws an error that says what is wrong with it. */
export function readEditorSpec(directory: string, name: string): EditorSpec {
  let text: string;
  try {
    text = readFileSync(join(directory, `${name}.json`), 'utf8');
  } catch {
    throw new Error(`This image does not carry the editor "${name}".`);
  }
  return parseEditorSpec(name, text);
}

/** Checks the text of a description; throws an error that says what is wrong with it. */
export function parseEditorSpec(name: string, text: string): EditorSpec {
  const { title = name, command, prefix, ready, env = {}, ...rest } = parseRecord(name, text);
  const path = isRecord(ready) ? ready['path'] : undefined;
  if (rest['name'] !== name) throw fault(name, 'its name differs from that of its file');
  if (typeof title !== 'string') throw fault(name, 'title is no text');
  if (!isTexts(command) || command.length === 0) throw fault(name, 'command is no list of texts');
  if (prefix !== 'keep' && prefix !== 'strip') throw fault(name, 'prefix is neither "keep" nor "strip"');
  if (typeof path !== 'string' || !path.startsWith('/')) throw fault(name, 'ready.path does not begin with a slash');
  if (!isTextRecord(env)) throw fault(name, 'env has a value that is no text');
  return { name, title, command, prefix, ready: { path }, env };
}

function parseRecord(name: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw fault(name, 'it is no JSON object');
}

function fault(name: string, what: string): Error {
  return new Error(`The image's description of the editor "${name}" is not valid: ${what}.`);
}

/** The description with its placeholders filled in. */
export function fillIn(spec: EditorSpec, values: Placeholders): EditorSpec {
  const fill = (text: string): string =>
    text.replace(/\$\{(PORT|BASE_PATH|HOME)\}/g, (_whole, name: keyof Placeholders) => String(values[name]));
  const path = fill(spec.ready.path);
  const below = spec.prefix === 'keep' && !path.startsWith(`${values.BASE_PATH}/`) ? values.BASE_PATH : '';
  return {
    ...spec,
    command: spec.command.map(fill),
    ready: { path: `${below}${path}` },
    env: Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, fill(value)])),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && isTexts(Object.values(value));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
