/** Whether a path below the root, as bytes in latin1 and without a slash in front, is left out. */
export type IsLeftOut = (path: string) => boolean;

/** File names are bytes, not text: kept one character per byte, so that each name comes back as it was. */
export function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * Compiles patterns of absolute paths: `*` is anything in one name, `**` as a whole name any number of names, at least one
 * at the end. No regular expressions: people write these patterns, and each must be matched in linear time.
 */
export function leftOutBy(patterns: readonly string[]): IsLeftOut {
  const compiled = patterns.map((pattern) =>
    bytesOf(pattern)
      .split('/')
      .filter((name) => name !== ''),
  );
  return (path) => {
    const names = path.split('/');
    return compiled.some((pattern) => matchesPath(pattern, names));
  };
}

function matchesPath(pattern: readonly string[], names: readonly string[]): boolean {
  const body = pattern.at(-1) === '**' ? [...pattern.slice(0, -1), '*', '**'] : pattern;
  return matches(body, names, '**', (wanted, name) => matchesName(wanted, name));
}

function matchesName(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  return matches(pattern, name, '*', (wanted, char) => wanted === char);
}

/** Matching with a wildcard for any number of items. Only the last wildcard met is ever tried again, which is enough. */
function matches(
  pattern: ArrayLike<string>,
  items: ArrayLike<string>,
  wildcard: string,
  fits: (wanted: string, item: string) => boolean,
): boolean {
  let [at, item] = [0, 0];
  let [retryAt, retryItem] = [-1, 0];
  while (item < items.length) {
    const wanted = pattern[at];
    if (wanted === wildcard) {
      [retryAt, retryItem] = [at, item];
      at += 1;
    } else if (wanted !== undefined && fits(wanted, items[item] ?? '')) {
      at += 1;
      item += 1;
    } else if (retryAt >= 0) {
      retryItem += 1;
      [at, item] = [retryAt + 1, retryItem];
    } else {
      return false;
    }
  }
  while (pattern[at] === wildcard) at += 1;
  return at === pattern.length;
}
