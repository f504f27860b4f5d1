import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SaveRefused } from '../refused.ts';

const run = promisify(execFile);

/** Layers of a container, by the directories in which its runtime keeps them on this machine. */
export interface ContainerLayers {
  /** What the container itself has changed. */
  own: string;
  /** Layers of earlier saves, newest first. */
  saved: readonly string[];
  /** Where `own` is partial (see Overlay): all layers below it, the topmost first. */
  below: readonly string[] | undefined;
}

/** Layers at places where they can be read: the own one first, then those of earlier saves, newest first. */
export interface LayerView {
  /** What each layer changes. */
  layers: readonly string[];
  /** Where the contents of each are: the same places, but for a partial own layer all layers together. */
  sources: readonly string[];
}

/** Nothing can be written, run or followed there. */
const SAFE = 'ro,nosymfollow,nodev,nosuid,noexec';
/** The layer on top is in use by the container's own overlay; this one never writes. */
const TOGETHER = `${SAFE},metacopy=on,redirect_dir=on,index=off`;

/**
 * Shows layers of the node at places of our own, read-only, and so that no symbolic link in them is followed. People
 * write there while they are read: one who puts a link to /etc where a directory was a moment ago would have the node's own
 * files in the image. Rejects where this process may not mount, or the kernel is older than 5.10 (nosymfollow).
 */
export async function withView<T>(
  workDir: string,
  layers: ContainerLayers,
  work: (view: LayerView) => Promise<T>,
): Promise<T> {
  const parent = join(workDir, `${process.pid}-${crypto.randomUUID()}`);
  const places: string[] = [];
  try {
    return await work(await show(parent, layers, places));
  } finally {
    for (const place of places.reverse()) await run('umount', ['--lazy', place]);
    for (const name of await readdir(parent).catch(() => [])) await rmdir(join(parent, name)).catch(() => undefined);
    await rmdir(parent).catch(() => undefined);
  }
}

/** Adds each place to `places` as soon as something is mounted there. */
async function show(parent: string, { own, saved, below }: ContainerLayers, places: string[]): Promise<LayerView> {
  const mount = async (...options: string[]): Promise<string> => {
    const name = String(places.length);
    await mkdir(join(parent, name), { recursive: true, mode: 0o700 });
    await run('mount', [...options, name], { cwd: parent }).catch((cause: unknown) => {
      throw new SaveRefused(
        'This machine cannot show the layers of a container safely. Saving needs root, Linux 5.10 or newer, and a mount command that knows nosymfollow. Tell an admin.',
        { cause },
      );
    });
    places.push(join(parent, name));
    return name;
  };
  for (const directory of [own, ...saved]) await mount('--bind', '-o', SAFE, directory);
  const seen = [...places];
  if (below === undefined) return { layers: seen, sources: seen };
  const names = ['0'];
  for (const directory of below) names.push(await mount('--bind', '-o', SAFE, directory));
  // Short names: of many layers with their whole paths the kernel takes no list.
  const together = await mount('-t', 'overlay', '-o', `${TOGETHER},lowerdir=${names.join(':')}`, 'overlay');
  return { layers: seen, sources: [join(parent, together), ...seen.slice(1)] };
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
