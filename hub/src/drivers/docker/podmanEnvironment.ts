import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What has to be added to every call of the `podman` command on this machine: variables and leading arguments. */
export type PodmanEnvironment = { env: Record<string, string>; args: string[] };

/** The facts about the machine that decide whether Podman needs help. */
export type PodmanHost = {
  /** Hard limits of this process, which containers inherit; `undefined` means unlimited. */
  hardNofile: number | undefined;
  hardNproc: number | undefined;
  /** The kernel's highest process id: Podman lowers its own process limit to it, so a container cannot get more. */
  pidMax: number | undefined;
  /** Whether this process may raise its hard limits (CAP_SYS_RESOURCE). */
  mayRaiseLimits: boolean;
  root: boolean;
  /** `unified` is cgroup v2 alone; everything else counts as `legacy`. */
  cgroups: 'unified' | 'legacy';
  /** Where runc lies, when it is installed. */
  runc: string | undefined;
  /** The containers.conf that applies now; empty when there is none. */
  containersConf: string;
};

/** Podman's own default for both limits of a root container; a lower hard limit makes every start fail. */
const PODMAN_DEFAULT_LIMIT = 1_048_576;
const CAP_SYS_RESOURCE = 24n;
const CONF_FILES = ['/etc/containers/containers.conf', '/usr/share/containers/containers.conf'];

/**
 * The environment that makes `podman` work here. A containers.conf is written into `directory` only where Podman's
 * default limits are above what this process may give; elsewhere nothing is written and nothing is changed.
 */
export async function podmanEnvironment(directory: string, host?: PodmanHost): Promise<PodmanEnvironment> {
  const known = host ?? (await readPodmanHost());
  const args = runtimeArgs(known);
  const conf = limitedContainersConf(known);
  if (conf === undefined) return { env: {}, args };
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const path = join(directory, 'containers.conf');
  await writeFile(path, conf, { mode: 0o644 });
  return { env: { CONTAINERS_CONF: path }, args };
}

/** crun, Podman's first choice, cannot start containers on cgroup v1 or hybrid hierarchies; runc can. */
export function runtimeArgs(host: PodmanHost): string[] {
  return host.cgroups === 'legacy' && host.runc !== undefined ? ['--runtime', host.runc] : [];
}

/**
 * The text of a containers.conf whose default limits fit the hard limits, or `undefined` where none is needed: not root
 * (Podman then keeps the caller's limits), limits that may be raised or are high enough, or limits that an administrator
 * set. `CONTAINERS_CONF` replaces the system's file, so the text starts from that.
 */
export function limitedContainersConf(host: PodmanHost): string | undefined {
  if (!host.root || host.mayRaiseLimits) return undefined;
  if (/^\s*default_ulimits\s*=/m.test(host.containersConf)) return undefined;
  if (!isLow(host.hardNofile) && !isLow(host.hardNproc)) return undefined;
  const nproc = Math.min(host.hardNproc ?? PODMAN_DEFAULT_LIMIT, host.pidMax ?? PODMAN_DEFAULT_LIMIT);
  const limits = [limit('nofile', host.hardNofile), limit('nproc', nproc)].filter((one) => one !== undefined);
  const setting = `default_ulimits = [${limits.join(', ')}]`;
  const table = /^\s*\[containers\][^\n]*$/m;
  return table.test(host.containersConf)
    ? host.containersConf.replace(table, (line) => `${line}\n${setting}`)
    : `${host.containersConf}\n[containers]\n${setting}\n`;
}

function limit(name: string, hard: number | undefined): string | undefined {
  return isLow(hard) ? `"${name}=${hard}:${hard}"` : undefined;
}

function isLow(hard: number | undefined): hard is number {
  return hard !== undefined && hard < PODMAN_DEFAULT_LIMIT;
}

/** Reads the facts from /proc, /sys and PATH. */
export async function readPodmanHost(): Promise<PodmanHost> {
  const [limits, pidMax, status, unified, runc, containersConf] = await Promise.all([
    readFile('/proc/self/limits', 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/pid_max', 'utf8').catch(() => ''),
    readFile('/proc/self/status', 'utf8').catch(() => ''),
    exists('/sys/fs/cgroup/cgroup.controllers'),
    findProgram('runc'),
    firstText(CONF_FILES),
  ]);
  return {
    hardNofile: hardLimit(limits, 'Max open files'),
    hardNproc: hardLimit(limits, 'Max processes'),
    pidMax: pidMax === '' ? undefined : Number(pidMax),
    mayRaiseLimits: hasCapability(status, CAP_SYS_RESOURCE),
    root: process.getuid?.() === 0,
    cgroups: unified ? 'unified' : 'legacy',
    runc,
    containersConf,
  };
}

/** The hard limit (second number) of one row of /proc/self/limits; `undefined` for "unlimited" or an absent row. */
export function hardLimit(limits: string, row: string): number | undefined {
  const line = limits.split('\n').find((one) => one.startsWith(row));
  const hard = line?.slice(row.length).trim().split(/\s+/)[1];
  return hard !== undefined && /^\d+$/.test(hard) ? Number(hard) : undefined;
}

/** Whether /proc/self/status lists the capability as effective. */
export function hasCapability(status: string, bit: bigint): boolean {
  const hex = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1];
  return hex !== undefined && ((BigInt(`0x${hex}`) >> bit) & 1n) === 1n;
}

/** The path of a program in PATH or in the system's own directories, which a plain user's PATH may lack. */
export async function findProgram(name: string): Promise<string | undefined> {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const directory of directories) {
    if (directory === '') continue;
    const path = join(directory, name);
    if (await exists(path)) return path;
  }
  return undefined;
}

async function firstText(paths: string[]): Promise<string> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return '';
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
