import { readdirSync, readFileSync } from 'node:fs';

/**
 * Whether a program of this container, other than the agent, runs or waits for a CPU right now; undefined where that
 * cannot be seen. On a machine with too much to do a program that computes gets so little CPU that its use alone would
 * look like idling.
 */
export function hasRunnable(proc = '/proc', own = process.pid): boolean | undefined {
  const pids = namesIn(proc)?.filter((name) => /^\d+$/.test(name) && Number(name) !== own);
  return pids?.some((pid) => stateOf(`${proc}/${pid}/stat`) === 'R');
}

/** The letter behind the command, which stands in brackets and may itself hold brackets and spaces (proc(5)). */
function stateOf(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return text.charAt(text.lastIndexOf(')') + 2);
  } catch {
    // It ended between the two calls.
    return undefined;
  }
}

function namesIn(directory: string): string[] | undefined {
  try {
    return readdirSync(directory);
  } catch {
    return undefined;
  }
}
