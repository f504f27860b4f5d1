import { execFile } from 'node:child_process';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Shows directories of the node at places of our own, read-only, and so that no symbolic link in them is followed. People
 * write there while they are read: one who puts a link to /etc where a directory was a moment ago would have the node's own
 * files in the image. Only this process and its children see the places.
 */
export async function withView<T>(
  workDir: string,
  directories: readonly string[],
  work: (places: string[]) => Promise<T>,
): Promise<T> {
  const parent = join(workDir, crypto.randomUUID());
  const places: string[] = [];
  try {
    for (const [index, directory] of directories.entries()) {
      const place = join(parent, String(index));
      await mkdir(place, { recursive: true, mode: 0o700 });
      await run('mount', ['--bind', '-o', 'ro,nosymfollow,nodev,nosuid,noexec', directory, place]);
      places.push(place);
    }
    return await work(places);
  } finally {
    for (const place of places) await run('umount', ['--lazy', place]);
    for (const index of directories.keys()) await rmdir(join(parent, String(index))).catch(() => undefined);
    await rmdir(parent).catch(() => undefined);
  }
}
