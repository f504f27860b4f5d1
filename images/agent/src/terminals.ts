import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** When something last happened in any terminal, ms since the epoch; undefined where there is none. */
export interface TerminalTimes {
  outputAt: number | undefined;
  inputAt: number | undefined;
}

/**
 * Looks at the pseudo-terminals of this container, whichever editor opened them. The kernel keeps the last write of a
 * program as the modification time and the last keys that a program read as the access time, both to 8 seconds.
 */
export function terminalTimes(directory: string): TerminalTimes {
  const times: TerminalTimes = { outputAt: undefined, inputAt: undefined };
  for (const name of namesIn(directory)) {
    // A terminal may close between the two calls.
    const stat = /^\d+$/.test(name) ? statSync(join(directory, name), { throwIfNoEntry: false }) : undefined;
    if (stat === undefined) continue;
    times.outputAt = Math.max(times.outputAt ?? 0, stat.mtimeMs);
    times.inputAt = Math.max(times.inputAt ?? 0, stat.atimeMs);
  }
  return times;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
