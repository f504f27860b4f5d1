import { statfs } from 'node:fs/promises';
import { inWords, SaveRefused, usableOf } from '@davit/oci';

/** A node that starts a server from the image holds the layer as it was sent and unpacked. */
const COPIES = 2;

/** What a save may take up on the fuller of these disks, in bytes. */
export async function usableBytes(directories: readonly string[]): Promise<number> {
  const free = await Promise.all(
    directories.map(async (directory) => {
      const { bavail, blocks, bsize } = await statfs(directory);
      return usableOf({ free: bavail * bsize, total: blocks * bsize });
    }),
  );
  return Math.min(...free);
}

/** Refuses a layer for which the node has no room when it starts a server from it. */
export function requireSpace(bytes: number, usable: number): void {
  if (bytes * COPIES <= usable) return;
  throw new SaveRefused(
    `There is not enough room to save this server: its machine needs ${inWords(bytes * COPIES)}, and ${inWords(usable)} can be used. Delete files, or ask an admin for more room on the machine.`,
  );
}
