import { statfs } from 'node:fs/promises';
import { SpawnRefused } from '../../../domains/servers/spawner.ts';

/** Below this share of free space nothing is started: a full disk breaks every server at once. */
const MIN_FREE_SHARE = 0.05;
const MIB = 1024 * 1024;

/** Space of one file system in MiB; free is what is left to ordinary users. */
export interface Disk {
  freeMb: number;
  totalMb: number;
}

/** The fullest of the file systems that hold `paths`; paths that this process cannot see are left out. */
export async function fullestDisk(paths: readonly string[]): Promise<Disk | undefined> {
  const disks = await Promise.all(paths.map((path) => diskOf(path)));
  return disks.filter((disk) => disk !== undefined).sort((a, b) => share(a) - share(b))[0];
}

/** Refuses to start anything on a disk that is nearly full. */
export function refuseLowDisk(disk: Disk | undefined): void {
  if (disk === undefined || share(disk) >= MIN_FREE_SHARE) return;
  const free = disk.freeMb >= 1024 ? `${Math.round(disk.freeMb / 1024)} GiB` : `${disk.freeMb} MiB`;
  throw new SpawnRefused(
    `The disk of the machine is nearly full: ${free} free, less than 5 %. Delete files or unused images, or ask an admin to.`,
  );
}

async function diskOf(path: string): Promise<Disk | undefined> {
  const found = await statfs(path).catch(() => undefined);
  if (found === undefined || found.blocks === 0) return undefined;
  const mb = (blocks: number) => Math.floor((blocks * found.bsize) / MIB);
  return { freeMb: mb(found.bavail), totalMb: mb(found.blocks) };
}

function share(disk: Disk): number {
  return disk.freeMb / disk.totalMb;
}
