import type Docker from 'dockerode';
import { SpawnRefused } from '../../../domains/servers/spawner.ts';
import { untilAborted } from './abort.ts';
import type { Engine } from './connect.ts';
import { isGone } from './errors.ts';
import { LABEL } from './settings.ts';

/** The bridge network that all servers of one hub are on. */
export interface Network {
  name: string;
  /** The engine's own address on it. */
  gateway: string;
  /** Address of this machine on which the hub listens for code in containers. */
  listen: string;
  /** By what name or address that code calls it. */
  host: string;
}

/** What Docker Desktop calls the machine that it runs on; calls of it arrive on that machine's loopback address. */
const DESKTOP = { listen: '127.0.0.1', host: 'host.docker.internal' };

/** What keeps containers of one Docker network from each other. Podman ignores it: see isolation.ts. */
const NO_ICC = 'com.docker.network.bridge.enable_icc';

/** Finds the hub's network or makes it. Safe when several processes do so at once. */
export async function ensureNetwork(
  { client, kind, isDesktop }: Pick<Engine, 'client' | 'kind' | 'isDesktop'>,
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
  const gateway = info.IPAM?.Config?.find((config) => config['Gateway']?.includes('.'))?.['Gateway']?.split('/')[0];
  if (gateway === undefined) throw new Error(`The network ${name} has no IPv4 gateway.`);
  return { name, gateway, ...(isDesktop ? DESKTOP : { listen: gateway, host: gateway }) };
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
