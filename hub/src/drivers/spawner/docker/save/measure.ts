import type { ContainerInspectInfo } from 'dockerode';
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { SaveMeasure } from '../../../../domains/images/index.ts';
import { untilAborted } from '../abort.ts';

const run = promisify(execFile);

type NotSaved = SaveMeasure['notSaved'][number];

/** Where the hub's own files are, which are nobody's loss. */
const HUB_FILES = '/run/davit';

/** What a container has that no image of it holds: its mounts and what lies in memory, with their sizes. */
export async function notSaved(info: ContainerInspectInfo, signal: AbortSignal): Promise<NotSaved[]> {
  const mounts = info.Mounts.filter((mount) => mount.Destination !== HUB_FILES).map(
    async ({ Destination: path, Source, RW }): Promise<NotSaved> => ({
      path,
      why: path.startsWith('/data/') ? 'data' : 'mount',
      // What a person may not write is not the person's to lose, and may be as large as it likes.
      bytes: RW ? await bytesBelow(Source, signal) : null,
    }),
  );
  const memory = memoryPlaces(info).map(async (path): Promise<NotSaved> => ({
    path,
    why: 'tmpfs',
    bytes: await usedOf(`/proc/${info.State.Pid}/root${path}`, signal),
  }));
  const all = await Promise.all([...mounts, ...memory]);
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Paths of a container that are in memory, as its specification says. */
export function memoryPlaces({ HostConfig }: ContainerInspectInfo): string[] {
  return ['/dev/shm', ...Object.keys((HostConfig as { Tmpfs?: Record<string, string> | null }).Tmpfs ?? {})];
}

async function bytesBelow(directory: string, signal: AbortSignal): Promise<number | null> {
  const { stdout } = await run('du', ['-sbx', directory], { signal }).catch((error: unknown) => ({
    // Files that vanish while it looks make it fail after all.
    stdout: error instanceof Error && 'stdout' in error && !signal.aborted ? String(error.stdout) : '',
  }));
  const bytes = /^\d+/.exec(stdout)?.[0];
  return bytes === undefined ? null : Number(bytes);
}

async function usedOf(path: string, signal: AbortSignal): Promise<number | null> {
  const found = await untilAborted(statfs(path), signal).catch(() => undefined);
  return found === undefined ? null : (found.blocks - found.bfree) * found.bsize;
}
