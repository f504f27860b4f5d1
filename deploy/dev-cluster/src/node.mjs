import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { CTR } from './parts.mjs';
import { ENVIRONMENT } from './processes.mjs';
import { BRIDGE, CGROUP } from './settings.mjs';

const CGROUPS = '/sys/fs/cgroup';
/** Where the kubelet links each container's log, whatever directory the logs are in. */
const LOG_LINKS = '/var/log/containers';
const CNI_RESULTS = '/var/lib/cni/results';

/** The cgroup of all pods: one directory, or with cgroup v1 one for each controller. */
function cgroups() {
  if (existsSync(join(CGROUPS, 'cgroup.controllers'))) return [join(CGROUPS, CGROUP)];
  return readdirSync(CGROUPS)
    .map((controller) => join(CGROUPS, controller))
    .filter((path) => !lstatSync(path).isSymbolicLink() && existsSync(join(path, 'cgroup.procs')))
    .map((path) => join(path, CGROUP));
}

/** The kubelet wants its cgroup to be there. */
export function makeCgroup() {
  for (const path of cgroups()) mkdirSync(path, { recursive: true });
}

/** Removes the pods' cgroups, which hold no process any more. */
export function removeCgroup() {
  const remove = (/** @type {string} */ path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) remove(join(path, entry.name));
    }
    rmdirSync(path);
  };
  for (const path of cgroups()) if (existsSync(path)) remove(path);
}

/** Whether the cluster's containerd answers. */
export function containerdAnswers() {
  return ctr('version').length > 0;
}

/** Ends all containers of the cluster's containerd, which must run, and removes their network namespaces. */
export function removeContainers() {
  for (const task of ctr('tasks', 'ls', '--quiet')) ctr('tasks', 'rm', '--force', task);
  const sandboxes = ctr('containers', 'ls', '--quiet', 'labels."io.cri-containerd.kind"==sandbox');
  for (const id of sandboxes) removeSandboxNetwork(id);
  for (const id of ctr('containers', 'ls', '--quiet')) ctr('containers', 'rm', id);
}

/** Unmounts what is mounted below a directory. @param {string} directory */
export function unmountBelow(directory) {
  const places = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((place) => place.startsWith(`${directory}/`));
  for (const place of places.sort().reverse()) quietly('umount', place);
}

/** Removes the links to logs below a directory. @param {string} directory */
export function removeLogLinks(directory) {
  if (!existsSync(LOG_LINKS)) return;
  for (const name of readdirSync(LOG_LINKS)) {
    const link = join(LOG_LINKS, name);
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(`${directory}/`)) rmSync(link);
  }
}

/** @param {string} id of a pod's sandbox */
function removeSandboxNetwork(id) {
  const { Spec: spec } = JSON.parse(ctr('containers', 'info', id).join('\n'));
  const network = spec?.linux?.namespaces?.find((/** @type {{type: string}} */ { type }) => type === 'network')?.path;
  if (network !== undefined && network.includes('/netns/')) {
    quietly('umount', network);
    rmSync(network, { force: true });
  }
  for (const name of existsSync(CNI_RESULTS) ? readdirSync(CNI_RESULTS) : []) {
    if (name.startsWith(`${BRIDGE}-${id}`) || name.startsWith(`cni-loopback-${id}`)) rmSync(join(CNI_RESULTS, name));
  }
}

/** Lines that `ctr` prints. The CRI plugin removes ended tasks too, so what is gone already is no error. @param {string[]} args */
function ctr(...args) {
  return quietly('ctr', ...CTR, ...args)
    .split('\n')
    .filter((line) => line !== '');
}

/** @param {string} program @param {string[]} args */
function quietly(program, ...args) {
  try {
    return execFileSync(program, args, { env: ENVIRONMENT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
