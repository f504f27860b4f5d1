/** Below this share of free space nothing is started any more, so no save goes there. */
const MIN_FREE_SHARE = 0.05;
const MIB = 1024 * 1024;

/** What a save may take up on a disk, in bytes. */
export function usableOf({ free, total }: { free: number; total: number }): number {
  return Math.max(0, Math.floor(free - total * MIN_FREE_SHARE));
}

/** `1.5 GiB`, `953.7 MiB`. */
export function inWords(bytes: number): string {
  return bytes < 1024 * MIB ? `${(bytes / MIB).toFixed(1)} MiB` : `${(bytes / MIB / 1024).toFixed(1)} GiB`;
}
