/** A template as `The image {image} could not be built: {message}` and what it becomes in another language. */
export interface Template {
  /** The longest of its fixed pieces: a text without it cannot be meant. */
  readonly longest: string;
  /** Letters that are fixed; of two templates that fit, the one with more of them is meant. */
  readonly fixed: number;
  readonly pattern: RegExp;
  readonly translation: string;
}

/** Holes in braces; `${…}` belongs to the text. A hole named `n`, `n2` … holds a number and nothing else. */
const HOLE = /(?<!\$)\{(\w+)\}/g;
const NUMBER = /^n\d*$/;
/** Holes for what people chose: never translated, whatever it looks like. */
const CHOSEN = /^(?:column|id|image|name|names|path|server|version)$/;

/** Whether a template has holes; others are found by their text alone. */
export function hasHoles(template: string): boolean {
  return template.search(HOLE) !== -1;
}

/** Whether what is in the hole may be words of the hub. */
export function mayHoldWords(hole: string): boolean {
  return !CHOSEN.test(hole);
}

/** Prepares a template; a hole that occurs again holds the same again. */
export function compile(template: string, translation: string): Template {
  const pieces = template.split(HOLE);
  const seen = new Set<string>();
  const source = pieces.map((piece, index) => (index % 2 === 0 ? escape(piece) : group(piece, seen))).join('');
  const fixed = pieces.filter((_, index) => index % 2 === 0);
  return {
    longest: fixed.reduce((longest, piece) => (piece.length > longest.length ? piece : longest), ''),
    fixed: fixed.join('').length,
    pattern: new RegExp(`^${source}$`, 's'),
    translation,
  };
}

/** The translation with the holes filled in; between Chinese and other letters stands a blank. */
export function fill(translation: string, values: Readonly<Record<string, string>>): string {
  return translation
    .split(HOLE)
    .reduce((text, piece, index) => join(text, index % 2 === 0 ? piece : (values[piece] ?? '')), '');
}

/** Chinese stands beside Chinese without a blank, and beside letters and figures with one. */
function join(text: string, next: string): string {
  if (/\p{Script=Han} ?$/u.test(text) && /^ ?\p{Script=Han}/u.test(next)) return text.trimEnd() + next.trimStart();
  const isTooClose =
    (/[\w.!?%)]$/.test(text) && /^\p{Script=Han}/u.test(next)) || (/\p{Script=Han}$/u.test(text) && /^\w/.test(next));
  return `${text}${isTooClose ? ' ' : ''}${next}`;
}

function group(name: string, seen: Set<string>): string {
  if (seen.has(name)) return `\\k<${name}>`;
  seen.add(name);
  return NUMBER.test(name) ? `(?<${name}>\\d[\\d.,]*)` : `(?<${name}>.+?)`;
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
