import {
  access,
  chmod,
  chown,
  constants,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../platform/clock.ts';
import { AppError } from '../../../platform/errors.ts';
import { checkId } from './ids.ts';
import { privateDirectory } from './privateDirectory.ts';
import { CONTAINER_UID } from './settings.ts';
import type { GiveAway } from './storage.ts';

/** Type of a tmpfs in statfs(2). */
const TMPFS_MAGIC = 0x01021994;
/** A sweep leaves younger directories alone: another process of this hub may be about to make their container. */
const SWEEP_AGE_MS = 60_000;

/** Contents by file name. A file without one stays as it is. */
interface SecretFiles {
  secret?: string;
  token?: string;
}

/** The files that containers find in /run/davit, one directory per server, in memory only. */
export interface Secrets {
  directoryOf(serverId: string): string;
  /** Writes the files that differ, each by rename, so that a reader inside sees the old or the new one. */
  write(serverId: string, files: SecretFiles, giveAway: GiveAway): Promise<void>;
  /** Lets the agent start editors. `run` names one run of one container: isolation ends with it. */
  allow(serverId: string, run: string): Promise<void>;
  /** Whether allow() was called for exactly this run. */
  isAllowed(serverId: string, run: string): Promise<boolean>;
  /** Takes back allow(). */
  forbid(serverId: string): Promise<void>;
  remove(serverId: string): Promise<void>;
  /** Removes what belongs to none of `serverIds`. */
  sweep(serverIds: ReadonlySet<string>): Promise<void>;
}

/** The first of `candidates` that is a tmpfs and can be written to: secrets must never reach a disk. */
export async function findTmpfs(candidates: readonly string[]): Promise<string> {
  for (const path of candidates) {
    const type = await statfs(path).then(
      (found) => found.type,
      () => undefined,
    );
    if (type !== TMPFS_MAGIC) continue;
    const writable = await access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (writable) return path;
  }
  throw new AppError(
    'unavailable',
    `The hub keeps secrets in memory only and found no tmpfs it may write to among ${candidates.join(', ')}. Mount one, for example on /dev/shm.`,
  );
}

/** Secret files below `<tmpfs>/davit-<instanceId>`. */
export async function openSecrets(tmpfs: string, instanceId: string, clock: Clock): Promise<Secrets> {
  const root = join(tmpfs, `davit-${instanceId}`);
  await privateDirectory(root);
  const directoryOf = (serverId: string) => {
    checkId(serverId);
    return join(root, serverId);
  };
  const pathOf = (serverId: string, name: string) => join(directoryOf(serverId), name);

  return {
    directoryOf,
    async write(serverId, { secret, token }, giveAway) {
      const directory = directoryOf(serverId);
      await mkdir(directory, { recursive: true });
      await chmod(directory, 0o755);
      for (const [name, content] of Object.entries({ secret, token })) {
        if (content === undefined) continue;
        await replace(pathOf(serverId, name), content, (draft) => closeFile(draft, giveAway));
      }
    },
    allow: (serverId, run) => replace(pathOf(serverId, 'go'), run, (draft) => chmod(draft, 0o444)),
    isAllowed: async (serverId, run) => (await textOf(pathOf(serverId, 'go'))) === run,
    forbid: (serverId) => rm(pathOf(serverId, 'go'), { force: true }),
    remove: (serverId) => rm(directoryOf(serverId), { recursive: true, force: true }),
    async sweep(serverIds) {
      for (const name of await readdir(root)) {
        if (serverIds.has(name)) continue;
        const changed = await stat(join(root, name)).then(
          (found) => found.mtimeMs,
          () => Infinity,
        );
        if (clock.now().getTime() - changed > SWEEP_AGE_MS)
          await rm(join(root, name), { recursive: true, force: true });
      }
    },
  };
}

/** Puts a file in place by rename unless it already has this content; `finish` sets owner and mode before. */
async function replace(path: string, content: string, finish: (draft: string) => Promise<void>): Promise<void> {
  if ((await textOf(path)) === content) return;
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
  await finish(draft);
  await rename(draft, path);
}

function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Makes a file readable by the container's user alone. */
async function closeFile(path: string, giveAway: GiveAway): Promise<void> {
  const uid = process.getuid?.();
  if (uid === 0) await chown(path, CONTAINER_UID, CONTAINER_UID);
  if (uid === 0 || uid === CONTAINER_UID) return chmod(path, 0o400);
  await giveAway([path]);
}
