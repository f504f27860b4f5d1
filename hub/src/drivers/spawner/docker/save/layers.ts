import { overlayDefaults, overlayOf, parseMountinfo, type ContainerLayers } from '@davit/oci';
import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import { access, constants, readFile } from 'node:fs/promises';
import { SpawnRefused } from '../../../../domains/servers/spawner.ts';

/**
 * Finds the layers of a container on this machine's disk, of whose image so many were made by saves. Refuses where the
 * engine keeps them elsewhere or in another way.
 */
export async function findLayers(
  container: ContainerInspectInfo,
  image: ImageInspectInfo,
  savedLayers: number,
): Promise<ContainerLayers> {
  const { UpperDir: own = '', LowerDir: lower = '' } = directoriesOf(container);
  const { UpperDir: top = '', LowerDir: rest = '' } = directoriesOf(image);
  const saved = [top, ...rest.split(':')].slice(0, savedLayers);
  const below = (await isWhole(container.State.Pid)) ? undefined : lower.split(':');
  for (const directory of [own, ...saved, ...(below ?? [])]) {
    const readable = await access(directory, constants.R_OK | constants.X_OK).catch(() => 'no');
    if (directory !== '' && readable !== 'no') continue;
    throw new SpawnRefused(
      'The hub cannot read the layers of the container engine. Saving needs a hub that runs as root on the engine’s machine, and an engine that uses overlayfs (the "overlay" or "overlay2" driver). Tell an admin.',
    );
  }
  return { own, saved, below };
}

/** Whether a container's own layer can be read by itself. What its first process sees as its root tells. */
async function isWhole(pid: number): Promise<boolean> {
  const mounts = parseMountinfo(await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => ''));
  const root = mounts.findLast(({ point }) => point === '/');
  const overlay = root === undefined ? undefined : overlayOf(root, await overlayDefaults());
  return overlay?.isPartial === false;
}

function directoriesOf(inspected: { GraphDriver: { Name: string; Data: unknown } }): Record<string, string> {
  // Engines with another image store leave the whole field out.
  const driver = inspected.GraphDriver as { Name: string; Data: unknown } | undefined;
  if (driver?.Name.startsWith('overlay') !== true) return {};
  return (driver.Data ?? {}) as Record<string, string>;
}
