import { readFileSync } from 'node:fs';

/** States of a process that has ended and that nobody has asked about yet (proc(5), `/proc/pid/stat`). */
const ENDED = new Set(['Z', 'X']);

/**
 * When a process began, as the machine counts it: ids are used again, so only both together name a process. Undefined
 * when there is none with this id (any more); '' where the machine does not tell more than that it is there.
 */
export function beganAt(pid: number): string | undefined {
  // The name of the program may hold blanks and brackets.
  const [state = '', ...rest] = statOf(pid).split(') ').at(-1)?.split(' ') ?? [];
  const began = rest[18];
  if (began !== undefined) return ENDED.has(state) ? undefined : began;
  return isThere(pid) ? '' : undefined;
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}

function isThere(pid: number): boolean {
  // Zero and less would name groups of processes.
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Those of other people may not be asked, and are there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
