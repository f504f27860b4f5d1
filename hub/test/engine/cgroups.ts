import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the development cluster's kubelet makes the cgroups of pods: with cgroup v2, or beside other controllers of v1. */
const ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/pids'].map((path) => join(path, 'davit-dev-cluster', 'kubepods'));
const CLASSES = ['', 'burstable', 'besteffort'];

/** How many processes all containers of a pod may have together, as the kernel of the node counts; undefined: no limit. */
export async function podPidsMax(uid: string): Promise<number | undefined> {
  for (const file of ROOTS.flatMap((root) => CLASSES.map((name) => join(root, name, `pod${uid}`, 'pids.max')))) {
    const text = (await readFile(file, 'utf8').catch(() => undefined))?.trim();
    if (text !== undefined) return text === 'max' ? undefined : Number(text);
  }
  throw new Error(`There is no cgroup of the pod ${uid}.`);
}
