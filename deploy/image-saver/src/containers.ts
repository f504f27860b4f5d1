import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  overlayDefaults,
  overlayOf,
  parseMountinfo,
  SaveRefused,
  type Mount,
  type Overlay,
  type SaveRequest,
} from '@davit/oci';

/** A running container of this node. */
export interface FoundContainer {
  /** Its first process, as the node counts. */
  pid: number;
  /** When that began, so that a later process of the same number is not taken for it. */
  startTime: string;
  mounts: Mount[];
  overlay: Overlay;
}

type Wanted = SaveRequest['container'];

const GONE = 'The server was stopped or started anew before it was saved. Save it again while it runs.';

interface ContainersOptions {
  /** The node's processes. */
  proc: string;
  /** Directories of the container runtime's layers; nothing else is read. */
  stores: readonly string[];
}

/**
 * Finds the container that a request names, by what the kernel says of it. Its own processes may lie: what they could have
 * changed (their names, their mounts) is compared with what only the node's own can.
 */
export class Containers {
  readonly #options: ContainersOptions;

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  /** Rejects with SaveRefused where it is not there, is not that server's, or keeps its files in another way. */
  async find(wanted: Wanted): Promise<FoundContainer> {
    const pid = await this.#firstProcess(wanted);
    if (pid === undefined) throw new SaveRefused(GONE);
    const [startTime, environment, uids, mountinfo] = await Promise.all([
      this.#startTime(pid),
      this.#read(pid, 'environ'),
      this.#read(pid, 'uid_map'),
      this.#read(pid, 'mountinfo'),
    ]);
    if (!environment.split('\0').includes(`DAVIT_SERVER_ID=${wanted.serverId}`)) {
      throw new SaveRefused('The container is none of this server.');
    }
    if (!/^\s*0\s+0\s+4294967295\s*$/.test(uids)) {
      throw new SaveRefused(
        'Servers with users of their own (DAVIT_KUBE_USER_NAMESPACES) cannot be saved: their files belong to other numbers on the node.',
      );
    }
    const mounts = parseMountinfo(mountinfo);
    return { pid, startTime, mounts, overlay: await this.#overlay(mounts) };
  }

  /** Whether it still runs; what was read of one that ended meanwhile may be less than all. */
  async isRunning({ pid, startTime }: Pick<FoundContainer, 'pid' | 'startTime'>): Promise<boolean> {
    return (await this.#startTime(pid).catch(() => '')) === startTime;
  }

  /**
   * A process inside could put a mount of its own over its root and name any directory of the node in it. The container
   * runtime made the true one, so the node's first process knows a mount of the same device, with its directories.
   */
  async #overlay(mounts: readonly Mount[]): Promise<Overlay> {
    const own = mounts.findLast(({ point }) => point === '/');
    const ofNode = parseMountinfo(await this.#read(1, 'mountinfo'));
    const true_ = ofNode.find(({ type, device }) => type === 'overlay' && device === own?.device);
    const overlay = true_ === undefined ? undefined : overlayOf(true_, await overlayDefaults());
    if (overlay === undefined) {
      throw new SaveRefused(
        'The node keeps files of containers in another way than plain overlayfs, which the image saver cannot read. Tell an admin.',
      );
    }
    const [upper = '', ...lower] = await Promise.all(
      [overlay.upper, ...overlay.lower].map((path) => this.#inStore(path)),
    );
    return { upper, lower, isPartial: overlay.isPartial };
  }

  async #inStore(path: string): Promise<string> {
    const real = await realpath(path).catch(() => resolve(path));
    if (this.#options.stores.some((store) => real.startsWith(`${store}/`))) return real;
    throw new SaveRefused(
      `The node keeps layers of containers in ${real}, which the image saver does not see. An admin has to set imageSaver.stores.`,
    );
  }

  async #firstProcess({ id, podUid }: Wanted): Promise<number | undefined> {
    const names = await readdir(this.#options.proc);
    for (const name of names.filter((one) => /^\d+$/.test(one))) {
      const pid = Number(name);
      const cgroups = await this.#read(pid, 'cgroup').catch(() => '');
      if (!isOf(cgroups, id, podUid)) continue;
      const status = await this.#read(pid, 'status').catch(() => '');
      // Its number on the node and its number in the container: deeper ones are in something that runs inside.
      if (/^NSpid:\t\d+\t1$/m.test(status)) return pid;
    }
    return undefined;
  }

  /** Field 22 of stat; the second may hold spaces and brackets. */
  async #startTime(pid: number): Promise<string> {
    const stat = await this.#read(pid, 'stat');
    const time = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    if (time === undefined) throw new Error(`The process ${pid} does not tell when it began.`);
    return time;
  }

  #read(pid: number, file: string): Promise<string> {
    return readFile(join(this.#options.proc, String(pid), file), 'utf8');
  }
}

/**
 * Whether these cgroups (v1 or v2, by names or by systemd) are a container's: `…/pod<uid>/<id>`, or
 * `…-pod<uid_with_underscores>.slice/cri-containerd-<id>.scope`.
 */
export function isOf(cgroups: string, id: string, podUid: string): boolean {
  const pods = new Set([`pod${podUid}`, `pod${podUid.replaceAll('-', '_')}.slice`]);
  return cgroups.split('\n').some((line) => {
    const parts = line.split('/');
    const at = parts.findIndex((part) => pods.has(part.slice(Math.max(0, part.lastIndexOf('pod')))));
    const own = parts[at + 1];
    return at >= 0 && (own === id || own?.endsWith(`-${id}.scope`) === true);
  });
}
