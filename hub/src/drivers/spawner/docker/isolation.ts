import { readdir, readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

const INTERFACES = '/sys/class/net';

/**
 * Keeps a container from all others on its bridge: the machine's end of its cable becomes an isolated port (the kernel
 * forwards nothing between two of those; the bridge itself stays reachable). Needs root. `pid` is the container's first
 * process, `gateway` the bridge's address. Returns only when the kernel confirms it.
 *
 * The container's own /sys tells the number of the other end; it is mounted by the engine in the container's network
 * namespace and cannot be replaced from inside, where no capability is left. That the port hangs on our bridge is checked
 * nevertheless.
 */
export async function isolatePort(pid: number, gateway: string): Promise<void> {
  const bridge = bridgeOf(gateway);
  const ends = await otherEnds(pid);
  const ports = await readdir(join(INTERFACES, bridge, 'brif'));
  const found = await Promise.all(ports.map(async (port) => ((await isOneOf(port, ends)) ? port : undefined)));
  const own = found.filter((port) => port !== undefined);
  if (own.length === 0) throw new Error(`No port of the bridge ${bridge} leads to process ${pid}.`);
  for (const port of own) {
    const flag = join(INTERFACES, port, 'brport', 'isolated');
    await writeFile(flag, '1');
    if ((await readFile(flag, 'utf8')).trim() !== '1') throw new Error(`The port ${port} could not be isolated.`);
  }
}

/** The bridge that carries the gateway's address; it exists while a container is on the network. */
function bridgeOf(gateway: string): string {
  const entry = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ address }) => address === gateway),
  );
  if (entry === undefined) throw new Error(`No bridge with the address ${gateway} is up.`);
  return entry[0];
}

/** Interface numbers, on this machine, of the cables that end in the network namespace of `pid`. */
async function otherEnds(pid: number): Promise<Set<string>> {
  const directory = `/proc/${pid}/root/sys/class/net`;
  const names = (await readdir(directory)).filter((name) => name !== 'lo');
  const links = await Promise.all(names.map((name) => readFile(join(directory, name, 'iflink'), 'utf8')));
  return new Set(links.map((text) => text.trim()));
}

async function isOneOf(port: string, ends: ReadonlySet<string>): Promise<boolean> {
  const index = await readFile(join(INTERFACES, port, 'ifindex'), 'utf8').catch(() => '');
  return ends.has(index.trim());
}
