import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the kernel counts for this container; each figure is undefined where it cannot be read. */
export interface Usage {
  /** Memory in use without page cache, which the kernel gives back by itself. */
  memoryBytes: number | undefined;
  limitBytes: number | undefined;
  /** How often the kernel killed a process of this container because its memory was used up. */
  oomKills: number | undefined;
  /** CPU time used since the start, of all cores together. */
  cpuUs: number | undefined;
}

/** An unlimited group has no limit, or one beyond any machine (version 1 counts in pages up to 2^63). */
const UNLIMITED_BYTES = 2 ** 60;

/** Reads the control group of this process, of either version. `root` is where the file systems are mounted. */
export class Cgroup {
  readonly #read: () => Usage;

  constructor(root = '/sys/fs/cgroup', self = '/proc/self/cgroup') {
    const groups = readText(self) ?? '';
    this.#read = existsSync(join(root, 'cgroup.controllers')) ? version2(root, groups) : version1(root, groups);
  }

  usage(): Usage {
    return this.#read();
  }
}

function version2(root: string, groups: string): () => Usage {
  const path = /^0::(.*)$/m.exec(groups)?.[1] ?? '/';
  const directory = directoryOf(root, path, 'memory.current');
  return () => ({
    memoryBytes: field(join(directory, 'memory.stat'), 'anon'),
    limitBytes: limited(readText(join(directory, 'memory.max'))),
    oomKills: field(join(directory, 'memory.events'), 'oom_kill'),
    cpuUs: field(join(directory, 'cpu.stat'), 'usage_usec'),
  });
}

function version1(root: string, groups: string): () => Usage {
  const memory = directoryOf(join(root, 'memory'), pathOf(groups, 'memory'), 'memory.stat');
  const cpu = directoryOf(join(root, 'cpuacct'), pathOf(groups, 'cpuacct'), 'cpuacct.usage');
  return () => {
    const cpuNs = readText(join(cpu, 'cpuacct.usage'));
    return {
      memoryBytes: field(join(memory, 'memory.stat'), 'total_rss'),
      limitBytes: limited(readText(join(memory, 'memory.limit_in_bytes'))),
      oomKills: field(join(memory, 'memory.oom_control'), 'oom_kill'),
      cpuUs: cpuNs === undefined ? undefined : Math.floor(Number(cpuNs) / 1000),
    };
  };
}

/** Path of the group in the hierarchy of a controller, from lines such as `4:cpu,cpuacct:/path`. */
function pathOf(groups: string, controller: string): string {
  for (const line of groups.split('\n')) {
    const [, controllers = '', path = '/'] = line.split(':');
    if (controllers.split(',').includes(controller)) return path;
  }
  return '/';
}

/** In a container the mount usually shows the container's own group as its root while /proc names the path on the host. */
function directoryOf(mount: string, path: string, file: string): string {
  const below = join(mount, path);
  return existsSync(join(below, file)) ? below : mount;
}

function field(file: string, name: string): number | undefined {
  const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(readText(file) ?? '');
  return match === null ? undefined : Number(match[1]);
}

function limited(text: string | undefined): number | undefined {
  const bytes = Number(text);
  return text === undefined || !Number.isFinite(bytes) || bytes >= UNLIMITED_BYTES ? undefined : bytes;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
