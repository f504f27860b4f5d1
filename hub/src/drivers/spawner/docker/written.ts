import type { ContainerInspectInfo } from 'dockerode';
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The directory on this machine that holds all that a container has written to its own layer (overlayfs' upper
 * directory); undefined where the engine uses no overlayfs, runs elsewhere, or keeps it from this user.
 */
export async function upperDirectory(info: ContainerInspectInfo): Promise<string | undefined> {
  // Engines with another image store leave the whole field out.
  const driver = info.GraphDriver as Partial<ContainerInspectInfo['GraphDriver']> | undefined;
  const path = (driver?.Data as Record<string, string> | null | undefined)?.['UpperDir'];
  if (path === undefined || path === '') return undefined;
  const readable = await access(path, constants.R_OK | constants.X_OK).catch(() => 'no');
  return readable === 'no' ? undefined : path;
}

/**
 * Bytes that the files below a directory take on disk, so that a sparse file counts as what it holds. A process of its
 * own and of the lowest priority: it may have to walk over a million files.
 */
export async function bytesBelow(directory: string, signal: AbortSignal): Promise<number> {
  const args = ['-n', '19', 'du', '-skx', directory];
  // Files that go while it walks make it fail after all; the sum is told nevertheless.
  const { stdout } = await run('nice', args, { signal, maxBuffer: 2 ** 24 }).catch((error: unknown) => {
    if (signal.aborted || !isPartial(error)) throw error;
    return error;
  });
  return Number(/^\d+/.exec(stdout)?.[0]) * 1024;
}

function isPartial(error: unknown): error is Error & { stdout: string } {
  return error instanceof Error && 'stdout' in error && /^\d+\s/.test(String(error.stdout));
}
