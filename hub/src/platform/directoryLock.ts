import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from './errors.ts';
import { beganAt } from './processes.ts';
import { randomId } from './random.ts';

interface DirectoryLock {
  directory: string;
  /** Name of the file in it that tells who has the lock. */
  name: string;
  /** What another process would need to run beside, such as `a DAVIT_PORT`. */
  otherwise: string;
}

/**
 * Takes a lock for this process; the returned function gives it back. One that a crash or kill -9 left behind counts no
 * more. Throws an AppError that names the process when a living one has it.
 */
export function lockDirectory({ directory, name, otherwise }: DirectoryLock): () => void {
  const file = join(directory, name);
  const own = `${process.pid} ${beganAt(process.pid) ?? ''}\n`;
  // Written before it gets its name: nobody may read half of it.
  const draft = `${file}.${randomId()}`;
  writeFileSync(draft, own);
  try {
    while (!tryLink(draft, file)) {
      const found = textOf(file);
      const pid = found === undefined ? undefined : holderOf(found);
      if (pid !== undefined) throw refusal(directory, pid, otherwise);
      if (found !== undefined) removeLeft(file, found);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (textOf(file) === own) rmSync(file, { force: true });
  };
}

/** The living process that such a text names; undefined when it has ended, or was cut off by a loss of power. */
function holderOf(text: string): number | undefined {
  const [id, began = ''] = text.trim().split(' ');
  const pid = Number(id);
  const now = pid === process.pid ? undefined : beganAt(pid);
  return now === undefined || (now !== '' && now !== began) ? undefined : pid;
}

/** Moved aside first: another start may have replaced it since it was read, and then it is put back. */
function removeLeft(file: string, expected: string): void {
  const aside = `${file}.${randomId()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if (textOf(aside) !== expected) tryLink(aside, file);
  rmSync(aside, { force: true });
}

/** A link is made whole or not at all, and never over another file; false when there is one. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

function refusal(directory: string, pid: number, otherwise: string): AppError {
  return new AppError(
    'conflict',
    `Davit runs already: process ${pid} uses the data directory ${directory}. Stop that one first (Ctrl-C where it runs, or kill ${pid}), or give this one ${otherwise} of its own.`,
  );
}
