import type Docker from 'dockerode';
import { CONTAINER_UID } from './settings.ts';

/** Makes each argument belong to the container's user, files readable by that user alone. */
const SCRIPT = `
const fs = require('node:fs');
for (const path of process.argv.slice(1)) {
  fs.chownSync(path, ${CONTAINER_UID}, ${CONTAINER_UID});
  if (fs.statSync(path).isFile()) fs.chmodSync(path, 0o400);
}`;

/**
 * Gives `paths` to the container's user by a short-lived container with root's rights over just these paths: for a hub
 * that is not root. `image` is any image of Davit; all of them carry Node.
 */
export async function giveAwayByContainer(
  client: Docker,
  image: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const targets = paths.map((_, index) => `/give/${index}`);
  const container = await client.createContainer({
    Image: image,
    User: '0:0',
    Entrypoint: ['/opt/davit/bin/node', '-e', SCRIPT, '--'],
    Cmd: targets,
    Labels: { 'davit.helper': 'give-away' },
    HostConfig: {
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      CapAdd: ['CHOWN', 'FOWNER', 'DAC_OVERRIDE'],
      SecurityOpt: ['no-new-privileges'],
      Mounts: paths.map((path, index) => ({ Type: 'bind', Source: path, Target: `/give/${index}` })),
    },
    abortSignal: signal,
  });
  try {
    await container.start({ abortSignal: signal });
    const { StatusCode: code } = (await container.wait({ abortSignal: signal })) as { StatusCode: number };
    if (code !== 0) throw new Error(`Directories could not be given to the user of containers: exit code ${code}.`);
  } finally {
    await container.remove({ force: true }).catch(() => undefined);
  }
}
