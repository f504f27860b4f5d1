import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Mount, SaverMeasure } from '@davit/oci';
import type { FoundContainer } from './containers.ts';

const run = promisify(execFile);

type NotSaved = SaverMeasure['notSaved'][number];

/** What the kernel, the container runtime and the hub put into each container: nobody's loss. */
const NOBODYS = /^\/(proc|sys|dev|etc\/(hosts|hostname|resolv\.conf)|run\/(davit|secrets)|var\/run\/secrets)(\/|$)/;
const SHARED_MEMORY = '/dev/shm';

/** What a container has that no image of it holds: its volumes and what lies in memory, with their sizes. */
export async function notSaved(
  { pid, mounts }: Pick<FoundContainer, 'pid' | 'mounts'>,
  { proc, signal }: { proc: string; signal: AbortSignal },
): Promise<NotSaved[]> {
  const all = mounts.filter(isSomebodys).map(async (mount): Promise<NotSaved> => {
    const { point: path, type, writable } = mount;
    const inside = join(proc, String(pid), 'root', path);
    if (type === 'tmpfs') return { path, why: 'tmpfs', bytes: await usedOf(inside) };
    const why = path.startsWith('/data/') ? 'data' : 'mount';
    // What a person may not write is not the person's to lose, and may be as large as it likes.
    return { path, why, bytes: writable ? await bytesBelow(inside, signal) : null };
  });
  return (await Promise.all(all)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isSomebodys({ point }: Mount): boolean {
  return point === SHARED_MEMORY || (point !== '/' && !NOBODYS.test(point));
}

async function bytesBelow(directory: string, signal: AbortSignal): Promise<number | null> {
  const { stdout } = await run('du', ['-sbx', directory], { signal }).catch((error: unknown) => ({
    // Files that vanish while it looks make it fail after all.
    stdout: error instanceof Error && 'stdout' in error && !signal.aborted ? String(error.stdout) : '',
  }));
  const bytes = /^\d+/.exec(stdout)?.[0];
  return bytes === undefined ? null : Number(bytes);
}

async function usedOf(path: string): Promise<number | null> {
  const found = await statfs(path).catch(() => undefined);
  return found === undefined ? null : (found.blocks - found.bfree) * found.bsize;
}
