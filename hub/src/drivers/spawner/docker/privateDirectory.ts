import { chmod, lstat, mkdir } from 'node:fs/promises';

/**
 * Makes a directory that only this process's user can enter. Below world-writable places such as /dev/shm somebody else
 * may have put one there first, so one that is not ours is refused.
 */
export async function privateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const stat = await lstat(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) {
    throw new Error(
      `${path} belongs to somebody else. Remove it, secrets must not lie in a place that others control.`,
    );
  }
  if ((stat.mode & 0o077) !== 0) await chmod(path, 0o700);
}
