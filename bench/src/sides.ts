import { createRequire } from 'node:module';
import { join } from 'node:path';
import { freePort, startAnnouncing, startListening, type Child } from './children.ts';
import type { Options } from './options.ts';

/** One way to the backend. */
export interface Side {
  name: string;
  /** Where the backend's `/` is found this way; ends with a slash. */
  url: string;
  headers: Record<string, string>;
  /** The proxy's process; undefined for the direct way and for a proxy that somebody else started. */
  pid: number | undefined;
}

export interface Sides {
  direct: Side;
  ours: Side;
  /** configurable-http-proxy, JupyterHub's proxy. */
  theirs: Side;
  /** Port of the backend. */
  backendPort: number;
  stop(): Promise<void>;
}

/** As the hub is started. */
const HUB_FLAGS = ['--max-semi-space-size=2'];
const HERE = import.meta.dirname;
const PEER = 'configurable-http-proxy';

/** Starts the backend and both proxies, all on the loopback interface. */
export async function startSides(options: Options): Promise<Sides> {
  const backend = await startAnnouncing([join(HERE, 'backend.ts'), String(options.backendPort)]);
  const children: Child[] = [backend];
  const ours = options.ours ?? (await ownProxy(backend, children));
  const peer = await startPeer(backend);
  children.push(peer);
  return {
    direct: { name: 'direct', url: `http://127.0.0.1:${backend.port}/`, headers: {}, pid: undefined },
    ours: { name: 'davit', ...ours },
    theirs: { name: PEER, url: `http://127.0.0.1:${peer.port}/`, headers: {}, pid: peer.pid },
    backendPort: backend.port,
    stop: async () => {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}

async function ownProxy(backend: Child, children: Child[]): Promise<Omit<Side, 'name'>> {
  const child = await startAnnouncing([...HUB_FLAGS, join(HERE, 'ownProxy.ts'), String(backend.port)]);
  children.push(child);
  // The proxy answers for a server's root itself; below it, it forwards.
  return { url: `http://127.0.0.1:${child.port}/jupyterlab/`, headers: child.headers, pid: child.pid };
}

async function startPeer(backend: Child): Promise<Child> {
  const program = createRequire(import.meta.url).resolve(`${PEER}/bin/${PEER}`);
  const [port, apiPort] = [await freePort(), await freePort()];
  const args = ['--ip', '127.0.0.1', '--port', String(port), '--api-ip', '127.0.0.1', '--api-port', String(apiPort)];
  const target = ['--default-target', `http://127.0.0.1:${backend.port}`, '--log-level', 'error'];
  return await startListening(port, [program, ...args, ...target]);
}
