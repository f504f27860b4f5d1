import Docker from 'dockerode';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { AppError } from '../../../platform/errors.ts';
import { findProgram, podmanEnvironment } from '../../docker/podmanEnvironment.ts';
import { ping, type Pong } from './ping.ts';
import { podmanService } from './podmanService.ts';

/** How to call the engine's command on this machine: arguments before the subcommand and variables for each call. */
export interface Cli {
  kind: 'docker' | 'podman';
  program: string;
  args: string[];
  env: Record<string, string>;
}

/** A container engine that answers. */
export interface Engine {
  kind: 'docker' | 'podman';
  client: Docker;
  /** Docker Desktop: its containers run in a virtual machine, whose bridge is none of this machine's. */
  isDesktop: boolean;
  /** The unix socket that serves the API. */
  socket: string;
  /** What builds images: builds with secrets exist only on the command line. */
  cli: Cli;
  /** Starts a Podman service of our own again when it has died; does nothing for an engine that others run. */
  revive(): Promise<void>;
  dispose(): Promise<void>;
}

interface ConnectOptions {
  /** The hub's data directory. A Podman service of our own has its socket below `run` there. */
  dataDir: string;
  instanceId: string;
  /** Name of the socket of our own Podman service: hubs that share the directory have one each, which ends with its hub. */
  serviceName?: string;
  /** An address as the docker command takes it; only unix sockets, because directories are mounted from this machine. */
  dockerHost?: string;
}

/** What is asked of the answer to `GET /info`, where Podman has `Rootless` of its own. */
interface EngineInfo {
  SecurityOptions?: string[];
  Rootless?: boolean;
  OperatingSystem?: string;
}

const DOCKER_SOCKET = '/var/run/docker.sock';
/** Linux refuses longer paths of unix sockets (sun_path, with the closing NUL). */
const MAX_SOCKET_PATH = 107;

/**
 * Finds the engine: the one of `dockerHost`, else a Docker that answers, else Podman, served by a process of our own.
 * Throws an AppError that says what to install when there is none.
 */
export async function connectEngine(options: ConnectOptions): Promise<Engine> {
  const given = options.dockerHost === undefined ? undefined : unixPath(options.dockerHost);
  const socket = given ?? DOCKER_SOCKET;
  const pong = await ping(socket);
  if (pong !== undefined) return foreignEngine(socket, pong, options);
  if (given !== undefined) {
    throw new AppError('unavailable', `No container engine answers at ${given}, which DOCKER_HOST names. Start it.`);
  }
  return ownPodman(options);
}

function unixPath(dockerHost: string): string {
  const path = /^unix:\/\/(\/.+)$/.exec(dockerHost)?.[1];
  if (path !== undefined) return path;
  throw new AppError(
    'unavailable',
    `DOCKER_HOST is ${dockerHost}. The hub mounts directories of its own machine into containers, so the engine must run there: give unix:///path.`,
  );
}

async function foreignEngine(socket: string, pong: Pong, { dataDir }: ConnectOptions): Promise<Engine> {
  const cli = pong.kind === 'podman' ? await podmanCli(dataDir) : await dockerCli(socket);
  return connected(pong.kind, socket, cli);
}

async function ownPodman({ dataDir, instanceId, serviceName = 'podman' }: ConnectOptions): Promise<Engine> {
  if ((await findProgram('podman')) === undefined) {
    throw new AppError(
      'unavailable',
      'No container engine was found. Install Docker, or Podman (on Debian and Ubuntu: apt-get install podman), and start again.',
    );
  }
  const cli = await podmanCli(dataDir);
  const socket = servicePath(dataDir, instanceId, `${serviceName}.sock`);
  const service = podmanService(socket, cli);
  await service.start();
  return connected('podman', socket, cli, { revive: () => service.start(), dispose: () => service.stop() });
}

async function dockerCli(socket: string): Promise<Cli> {
  const program = (await findProgram('docker')) ?? 'docker';
  return { kind: 'docker', program, args: [], env: { DOCKER_HOST: `unix://${socket}` } };
}

async function podmanCli(dataDir: string): Promise<Cli> {
  const { env, args } = await podmanEnvironment(join(dataDir, 'run'));
  return { kind: 'podman', program: (await findProgram('podman')) ?? 'podman', args, env };
}

function servicePath(dataDir: string, instanceId: string, name: string): string {
  const path = join(dataDir, 'run', 'engine', name);
  return path.length <= MAX_SOCKET_PATH ? path : `/dev/shm/davit-${instanceId}.engine/${name}`;
}

async function connected(
  kind: Engine['kind'],
  socket: string,
  cli: Cli,
  { revive, dispose }: Pick<Engine, 'revive' | 'dispose'> = { revive: nothing, dispose: nothing },
): Promise<Engine> {
  // Kept connections break one call each when the engine restarts; opening one to a unix socket costs next to nothing.
  const options = { socketPath: socket, agent: new Agent({ keepAlive: false }) };
  const client = new Docker(options);
  try {
    const info = (await client.info()) as EngineInfo;
    refuseRootless(info);
    return { kind, client, isDesktop: info.OperatingSystem === 'Docker Desktop', socket, cli, revive, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Without root the engine can neither limit memory everywhere nor isolate containers of one network from each other. */
function refuseRootless(info: EngineInfo): void {
  if (info.Rootless !== true && info.SecurityOptions?.includes('name=rootless') !== true) return;
  throw new AppError(
    'unavailable',
    'The container engine runs without root and cannot keep users’ servers apart. Start the hub as root, or give the hub’s user access to a Docker of the system.',
  );
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
