type Environment = Record<string, string>;

/** Variables as they are typed: one `NAME=value` per line. */
export function environmentText(environment: Environment): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

/** The variables that were typed, or the first line that is none. Names are judged by the hub. */
export function environmentOf(text: string): { ok: true; value: Environment } | { ok: false; line: string } {
  const value: Environment = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(at, 0)).trim();
    if (name === '') return { ok: false, line: line.trim() };
    value[name] = line.slice(at + 1).trim();
  }
  return { ok: true, value };
}

/** A program and its arguments, one per line; null for none. */
export function commandOf(text: string): string[] | null {
  const words = text.split('\n').filter((line) => line.trim() !== '');
  return words.length === 0 ? null : words;
}
