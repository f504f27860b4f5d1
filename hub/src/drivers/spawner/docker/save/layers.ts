import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import { access, constants } from 'node:fs/promises';
import { SpawnRefused } from '../../../../domains/servers/spawner.ts';

/**
 * Finds the layers on this machine's disk: the container's own first, then those of earlier saves, newest first. Refuses
 * where the engine keeps them elsewhere or in another way.
 */
export async function findLayers(
  container: ContainerInspectInfo,
  image: ImageInspectInfo,
  savedLayers: number,
): Promise<string[]> {
  const own = overlayOf(container)['UpperDir'];
  const { UpperDir: top = '', LowerDir: below = '' } = overlayOf(image);
  const saved = [top, ...below.split(':')].slice(0, savedLayers);
  const directories = [own ?? '', ...saved];
  for (const directory of directories) {
    const readable = await access(directory, constants.R_OK | constants.X_OK).catch(() => 'no');
    if (directory !== '' && readable !== 'no') continue;
    throw new SpawnRefused(
      'The hub cannot read the layers of the container engine. Saving needs a hub that runs as root on the engine’s machine, and an engine that uses overlayfs (the "overlay" or "overlay2" driver). Tell an admin.',
    );
  }
  return directories;
}

function overlayOf(inspected: { GraphDriver: { Name: string; Data: unknown } }): Record<string, string> {
  // Engines with another image store leave the whole field out.
  const driver = inspected.GraphDriver as { Name: string; Data: unknown } | undefined;
  if (driver?.Name.startsWith('overlay') !== true) return {};
  return (driver.Data ?? {}) as Record<string, string>;
}
