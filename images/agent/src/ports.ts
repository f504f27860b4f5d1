import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** A port on which a program of the person listens; `program` is null where another user's program hides its name. */
export interface ListeningPort {
  port: number;
  program: string | null;
}

/** A listening socket by the kernel's number for it. */
interface Listener {
  inode: string;
  port: number;
}

const LISTEN = '0A';
/** The state's place in a line of `/proc/net/tcp`, and the inode's (proc_net_tcp(5)). */
const [LOCAL, STATE, INODE] = [1, 3, 9];
/**
 * Any address and loopback of both families, as the kernel writes them: `/port/<n>/` leads there and to no other. The
 * last two are IPv4 addresses in IPv6 sockets.
 */
const REACHABLE = new Set([
  '00000000',
  '0100007F',
  '00000000000000000000000000000000',
  '00000000000000000000000001000000',
  '0000000000000000FFFF000000000000',
  '0000000000000000FFFF00000100007F',
]);
/** Kernels of Jupyter, which are told their ports by a file, and parts of VS Code: nobody opens those in a browser. */
const HELPERS = /\/kernel-[\w-]+\.json|ipykernel|\/code-server\/(?:lib|out|node_modules)\/|\/opt\/davit\//;
const MOST_PORTS = 50;
const LONGEST_NAME = 60;

export interface PortsOptions {
  /** Ports of the agent and the editors, by which they are reached already. */
  own: () => ReadonlySet<number>;
  proc?: string;
}

/**
 * The ports on which something in the container listens. The kernel's two tables are read each time; which program has
 * a socket is looked up once for each socket, because that takes a walk over all processes.
 */
export class Ports {
  readonly #own: () => ReadonlySet<number>;
  readonly #proc: string;
  #programs = new Map<string, Program>();

  constructor({ own, proc = '/proc' }: PortsOptions) {
    this.#own = own;
    this.#proc = proc;
  }

  /** In the order of their numbers; null where the kernel does not tell. */
  list(): ListeningPort[] | null {
    const tables = ['net/tcp', 'net/tcp6'].map((name) => textOf(`${this.#proc}/${name}`));
    if (tables.every((table) => table === undefined)) return null;
    const own = this.#own();
    const listeners = tables.flatMap((table) => listenersIn(table ?? '')).filter(({ port }) => !own.has(port));
    if (listeners.some(({ inode }) => !this.#programs.has(inode))) {
      const found = programsOf(this.#proc, new Set(listeners.map(({ inode }) => inode)));
      this.#programs = new Map(listeners.map(({ inode }) => [inode, found.get(inode) ?? UNKNOWN]));
    }
    const shown = new Map<number, ListeningPort>();
    for (const { inode, port } of listeners) {
      const { name, isHelper } = this.#programs.get(inode) ?? UNKNOWN;
      if (!isHelper) shown.set(port, { port, program: name ?? shown.get(port)?.program ?? null });
    }
    return [...shown.values()].sort((a, b) => a.port - b.port).slice(0, MOST_PORTS);
  }
}

interface Program {
  name: string | null;
  isHelper: boolean;
}

const UNKNOWN: Program = { name: null, isHelper: false };

/** The listening sockets of one table that can be reached through the agent. */
function listenersIn(table: string): Listener[] {
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address = '', port = ''] = (fields[LOCAL] ?? '').split(':');
    const inode = fields[INODE];
    if (fields[STATE] !== LISTEN || inode === undefined || !REACHABLE.has(address)) return [];
    return [{ inode, port: Number.parseInt(port, 16) }];
  });
}

/** Who holds the sockets. One that a helper shares with its children is the helper's. */
function programsOf(proc: string, inodes: ReadonlySet<string>): Map<string, Program> {
  const found = new Map<string, Program>();
  for (const pid of namesIn(proc).filter((name) => /^\d+$/.test(name))) {
    const held = socketsOf(`${proc}/${pid}/fd`).filter((inode) => inodes.has(inode));
    if (held.length === 0) continue;
    const words = (textOf(`${proc}/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '');
    const program = { name: nameOf(words), isHelper: HELPERS.test(words.join(' ')) };
    for (const inode of held) if (found.get(inode)?.isHelper !== true) found.set(inode, program);
  }
  return found;
}

function socketsOf(directory: string): string[] {
  return namesIn(directory).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`${directory}/${fd}`) ?? '')?.[1] ?? []);
}

/** `python -m http.server`, `node server.js`: the first words without their directories. */
function nameOf(words: readonly string[]): string | null {
  const name = words
    .slice(0, 3)
    .map((word) => basename(word))
    .join(' ');
  return name === '' ? null : name.slice(0, LONGEST_NAME);
}

// Processes end, and sockets close, between one look and the next; those of other users cannot be seen.
function textOf(file: string): string | undefined {
  return orUndefined(() => readFileSync(file, 'utf8'));
}

function linkOf(file: string): string | undefined {
  return orUndefined(() => readlinkSync(file));
}

function namesIn(directory: string): string[] {
  return orUndefined(() => readdirSync(directory)) ?? [];
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
