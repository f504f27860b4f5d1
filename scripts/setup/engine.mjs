import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { delimiter, join } from 'node:path';
import { SetupError, step } from './run.mjs';

/** What a Debian or Ubuntu machine needs to run containers, and to make a Debian root where no image registry answers. */
const PACKAGES = {
  podman: 'podman',
  runc: 'runc',
  ip: 'iproute2',
  iptables: 'iptables',
  nsenter: 'util-linux',
  mmdebstrap: 'mmdebstrap',
};

const HELP = `Davit needs a container engine and found none that it can use. Do one of these, then run it again:
  - start Docker (or set DOCKER_HOST to a Docker engine that runs elsewhere)
  - install Podman with your package manager, for example: sudo dnf install podman
  - run npm start as root on Debian or Ubuntu: it then installs Podman itself`;

/** Makes sure that Docker answers or Podman is there; as root on Debian or Ubuntu installs Podman. */
export async function ensureEngine() {
  if (process.env['DOCKER_HOST'] || (await answers('/var/run/docker.sock'))) return;
  const missing = Object.entries(PACKAGES).filter(([program]) => !onPath(program));
  const isRoot = process.getuid?.() === 0;
  if (isRoot && onPath('apt-get')) {
    if (missing.length > 0 || !existsSync('/usr/lib/cni/bridge')) await install(missing.map(([, name]) => name));
    return;
  }
  if (!onPath('podman')) throw new SetupError(HELP);
}

/** @param {string[]} names */
async function install(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=600'];
  await step('reading the package lists', 'apt-get', ['update', ...options], env);
  await step(
    `installing the container engine (${names.join(', ')})`,
    'apt-get',
    ['install', '-y', '--no-install-recommends', ...options, ...names, 'containernetworking-plugins'],
    env,
  );
}

/** @param {string} program */
function onPath(program) {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return places.some((place) => existsSync(join(place, program)));
}

/** @param {string} socketPath */
function answers(socketPath) {
  if (!existsSync(socketPath)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 3000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('timeout', () => ping.destroy());
    ping.on('error', () => resolve(false));
    ping.end();
  });
}
