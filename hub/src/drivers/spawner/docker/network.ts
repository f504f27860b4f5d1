import type Docker from 'dockerode';
import { SpawnRefused } from '../../../domains/servers/spawner.ts';
import { untilAborted } from './abort.ts';
import type { Engine } from './connect.ts';
import { isGone } from './errors.ts';
import { LABEL } from './settings.ts';

/** The bridge network that all servers of one hub are on. */
export interface Network {
  name: string;
  /** The machine's own address on it: where code in containers reaches the hub. */
  gateway: string;
}

/** What keeps containers of one Docker network from each other. Podman ignores it: see isolation.ts. */
const NO_ICC = 'com.docker.network.bridge.enable_icc';

/** Finds the hub's network or makes it. Safe when several processes do so at once. */
export async function ensureNetwork(
  { client, kind }: Pick<Engine, 'client' | 'kind'>,
  instanceId: string,
  signal: AbortSignal,
): Promise<Network> {
  const name = `davit-${instanceId}`;
  const info = (await inspect(client, name, signal)) ?? (await make(client, name, instanceId, signal));
  if (kind === 'docker' && info.Options?.[NO_ICC] !== 'false') {
    throw new SpawnRefused(
      `The network ${name} would let servers reach each other. An admin removes it, the hub makes it anew.`,
    );
  }
  const gateway = info.IPAM?.Config?.find((config) => config['Gateway']?.includes('.'))?.['Gateway'];
  if (gateway === undefined) throw new Error(`The network ${name} has no IPv4 gateway.`);
  return { name, gateway: gateway.split('/')[0] ?? gateway };
}

async function make(
  client: Docker,
  name: string,
  instanceId: string,
  signal: AbortSignal,
): Promise<Docker.NetworkInspectInfo> {
  const problem = await client
    .createNetwork({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: { [LABEL.instance]: instanceId },
      Options: { [NO_ICC]: 'false' },
      abortSignal: signal,
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const made = await inspect(client, name, signal);
  if (made === undefined) throw problem;
  return made;
}

async function inspect(
  client: Docker,
  name: string,
  signal: AbortSignal,
): Promise<Docker.NetworkInspectInfo | undefined> {
  try {
    return await untilAborted(client.getNetwork(name).inspect(), signal);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
