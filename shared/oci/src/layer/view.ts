import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SaveRefused } from '../refused.ts';

const run = promisify(execFile);

/**
 * Shows directories of the node at places of our own, read-only, and so that no symbolic link in them is followed. People
 * write there while they are read: one who puts a link to /etc where a directory was a moment ago would have the node's own
 * files in the image. Rejects where this process may not mount, or the kernel is older than 5.10 (nosymfollow).
 */
export async function withView<T>(
  workDir: string,
  directories: readonly string[],
  work: (places: string[]) => Promise<T>,
): Promise<T> {
  const parent = join(workDir, `${process.pid}-${crypto.randomUUID()}`);
  const places: string[] = [];
  try {
    for (const [index, directory] of directories.entries()) {
      const place = join(parent, String(index));
      await mkdir(place, { recursive: true, mode: 0o700 });
      const options = ['--bind', '-o', 'ro,nosymfollow,nodev,nosuid,noexec'];
      await run('mount', [...options, directory, place]).catch((cause: unknown) => {
        throw new SaveRefused(
          'This machine cannot show the layers of a container safely. Saving needs root, Linux 5.10 or newer, and a mount command that knows nosymfollow. Tell an admin.',
          { cause },
        );
      });
      places.push(place);
    }
    return await work(places);
  } finally {
    for (const place of places) await run('umount', ['--lazy', place]);
    for (const index of directories.keys()) await rmdir(join(parent, String(index))).catch(() => undefined);
    await rmdir(parent).catch(() => undefined);
  }
}

/** Takes away what processes left that died with a view open. Never by removing files: they are those of a container. */
export async function clearViews(workDir: string): Promise<void> {
  for (const name of await readdir(workDir).catch(() => [])) {
    if (existsSync(`/proc/${name.split('-')[0]}`)) continue;
    const parent = join(workDir, name);
    for (const index of await readdir(parent)) {
      await run('umount', ['--lazy', join(parent, index)]).catch(() => undefined);
      await rmdir(join(parent, index));
    }
    await rmdir(parent);
  }
}
