/** A port on which a program of the person listens. */
export interface ListeningPort {
  port: number;
  /** The program's name and first argument, as far as it can be told. */
  program?: string;
}

/** What of `/proc` this needs; paths are relative to it. Undefined or empty where something cannot be read. */
export interface Proc {
  read(path: string): Promise<string | undefined>;
  list(path: string): Promise<string[]>;
  link(path: string): Promise<string | undefined>;
}

const LISTEN = '0A';
/** Programs that are the server itself: its agent, its editors and their helpers. */
const OWN_PROGRAMS = /\/opt\/davit\/|code-server|jupyter|websockify|Xvnc|ipykernel|extensionHost|\.vscode|tini/;

/** Ports of the person's own programs, from the kernel's tables; the server's own parts are left out. */
export async function listeningPorts(proc: Proc): Promise<ListeningPort[]> {
  const tables = await Promise.all(['net/tcp', 'net/tcp6'].map((path) => proc.read(path)));
  const byInode = new Map(tables.flatMap((table) => parseTable(table ?? '')));
  if (byInode.size === 0) return [];
  const found = new Map<number, ListeningPort>();
  for (const pid of (await proc.list('.')).filter((name) => /^\d+$/.test(name))) {
    const ports = await portsOf(proc, pid, byInode);
    if (ports.length === 0) continue;
    const command = ((await proc.read(`${pid}/cmdline`)) ?? '').split('\0').filter((part) => part !== '');
    if (OWN_PROGRAMS.test(command.join(' '))) continue;
    for (const port of ports) found.set(port, { port, program: programName(command) });
  }
  return [...found.values()].sort((a, b) => a.port - b.port);
}

/** `[inode, port]` of each listening socket in a table of `/proc/net`. */
export function parseTable(table: string): [string, number][] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [, local, , state] = fields;
      const inode = fields[9];
      if (state !== LISTEN || local === undefined || inode === undefined) return [];
      return [[inode, parseInt(local.slice(local.lastIndexOf(':') + 1), 16)] as [string, number]];
    });
}

async function portsOf(proc: Proc, pid: string, byInode: ReadonlyMap<string, number>): Promise<number[]> {
  const links = await Promise.all((await proc.list(`${pid}/fd`)).map((fd) => proc.link(`${pid}/fd/${fd}`)));
  return links.flatMap((link) => {
    const inode = /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1];
    const port = inode === undefined ? undefined : byInode.get(inode);
    return port === undefined ? [] : [port];
  });
}

/** `python train.py`, without directories. */
function programName(command: readonly string[]): string | undefined {
  const words = command.slice(0, 3).map((word) => word.split('/').at(-1) ?? '');
  return words.length === 0 ? undefined : words.join(' ');
}
