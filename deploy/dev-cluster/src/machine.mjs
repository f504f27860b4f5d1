import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ENVIRONMENT, SetupError, step } from '../../../scripts/setup/run.mjs';

/** Which package brings a program. Looked up by program: on a machine with Docker containerd comes in another package. */
const PACKAGES = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  etcd: 'etcd-server',
  'docker-registry': 'docker-registry',
  iptables: 'iptables',
  ip: 'iproute2',
  openssl: 'openssl',
  tar: 'tar',
};
export const CNI_PLUGINS = '/usr/lib/cni';
const POLICY = '/usr/sbin/policy-rc.d';

/** The programs of the system stand in sbin, which not every shell has in its PATH. */
export const SYSTEM_ENVIRONMENT = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
};

/** Path of a program, or undefined. @param {string} program */
export function findProgram(program) {
  return SYSTEM_ENVIRONMENT.PATH.split(delimiter)
    .map((place) => join(place, program))
    .find((path) => existsSync(path));
}

/** Makes sure that what Debian has for a cluster is installed. */
export async function ensurePackages() {
  const names = Object.entries(PACKAGES)
    .filter(([program]) => findProgram(program) === undefined)
    .map(([, name]) => name);
  if (!existsSync(join(CNI_PLUGINS, 'bridge'))) names.push('containernetworking-plugins');
  await installPackages([...new Set(names)]);
}

/** Installs packages without starting their services and without removing others. @param {readonly string[]} names */
export async function installPackages(names) {
  if (names.length === 0) return;
  if (findProgram('apt-get') === undefined) {
    throw new SetupError(`The cluster needs these Debian packages and apt-get is not here: ${names.join(', ')}.`);
  }
  const env = { ...ENVIRONMENT, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=600'];
  await step('reading the package lists', 'apt-get', ['update', ...options], env);
  // The packages' own etcd, containerd and registry would start at once, the registry open to the network.
  const denies = !existsSync(POLICY);
  if (denies) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const install = ['install', '-y', '--no-install-recommends', '--no-remove', ...options, ...names];
    await step(`installing ${names.join(', ')}`, 'apt-get', install, env);
  } finally {
    if (denies) rmSync(POLICY, { force: true });
  }
}
