import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Proc } from '../activity/ports.ts';

const absent = () => undefined;

/** The kernel's tables of this machine; what belongs to others reads as nothing. */
export const machineProc: Proc = {
  read: (path) => readFile(join('/proc', path), 'utf8').catch(absent),
  list: (path) => readdir(join('/proc', path)).catch(() => []),
  link: (path) => readlink(join('/proc', path)).catch(absent),
};
