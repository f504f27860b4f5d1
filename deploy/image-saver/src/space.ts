import { statfs } from 'node:fs/promises';
import { SaveRefused } from '@davit/oci';

/** Below this share of free space nothing is started any more, so no save goes there. */
const MIN_FREE_SHARE = 0.05;
/** A node that starts a server from the image holds the layer as it was sent and unpacked. */
const COPIES = 2;
const MIB = 1024 * 1024;

/** What a save may take up on the fuller of these disks, in bytes. */
export async function usableBytes(directories: readonly string[]): Promise<number> {
  const free = await Promise.all(
    directories.map(async (directory) => {
      const { bavail, blocks, bsize } = await statfs(directory);
      return Math.floor((bavail - blocks * MIN_FREE_SHARE) * bsize);
    }),
  );
  return Math.max(0, Math.min(...free));
}

/** Refuses a layer for which the node has no room when it starts a server from it. */
export function requireSpace(bytes: number, usable: number): void {
  if (bytes * COPIES <= usable) return;
  throw new SaveRefused(
    `There is not enough room to save this server: its machine needs ${inWords(bytes * COPIES)}, and ${inWords(usable)} can be used. Delete files, or ask an admin for more room on the machine.`,
  );
}

export function inWords(bytes: number): string {
  return bytes < 1024 * MIB ? `${(bytes / MIB).toFixed(1)} MiB` : `${(bytes / MIB / 1024).toFixed(1)} GiB`;
}
