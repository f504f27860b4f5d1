import { chown, mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MountSettings } from 'dockerode';
import { SpawnRefused, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { checkId } from './ids.ts';
import { CONTAINER_UID } from './settings.ts';

/** Gives directories to the container's user where this process may not: see helper.ts. */
export type GiveAway = (paths: string[]) => Promise<void>;

/** One directory of a source and how a container sees it. */
interface SourceDirectory {
  path: string;
  target: string;
  readOnly: boolean;
  mode: number;
}

/** The mounts of one data source below /data. */
export function sourceMounts(spec: ServerSpec, source: string, sources: Record<string, string>): MountSettings[] {
  return sourceDirectories(spec, source, sources).map(({ path, target, readOnly }) => ({
    Type: 'bind',
    Source: path,
    Target: target,
    ReadOnly: readOnly,
  }));
}

/** Makes the directories of all sources of a server, owned by the container's user. What is in them stays untouched. */
export async function prepareStorage(
  spec: ServerSpec,
  sources: Record<string, string>,
  giveAway: GiveAway,
): Promise<void> {
  const directories = spec.sources.flatMap((source) => sourceDirectories(spec, source, sources));
  const foreign: string[] = [];
  for (const { path, mode } of directories) {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o755 });
    await mkdir(path, { mode }).catch(ignoreExisting);
    if (isToGive((await stat(path)).uid, path, spec.ownerId)) foreign.push(path);
  }
  if (foreign.length === 0) return;
  if (process.getuid?.() !== 0) return giveAway(foreign);
  await Promise.all(foreign.map((path) => chown(path, CONTAINER_UID, CONTAINER_UID)));
}

function sourceDirectories(spec: ServerSpec, source: string, sources: Record<string, string>): SourceDirectory[] {
  const root = sources[source];
  if (root === undefined) {
    throw new SpawnRefused(`The data source ${source} is not set up on this hub. An admin adds it to DAVIT_SOURCES.`);
  }
  checkId(spec.ownerId);
  const shared = { readOnly: !spec.sharedWritable, mode: 0o755 };
  return [
    { path: join(root, 'private', spec.ownerId), target: `/data/private/${source}`, readOnly: false, mode: 0o700 },
    { path: join(root, 'public'), target: `/data/public/${source}`, ...shared },
    { path: join(root, 'share'), target: `/data/share/${source}`, ...shared },
  ];
}

/** A user's own directory always; a common one only when it was just made here, because an admin may own it on purpose. */
function isToGive(uid: number, path: string, ownerId: string): boolean {
  return uid !== CONTAINER_UID && (basename(path) === ownerId || uid === process.getuid?.());
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
