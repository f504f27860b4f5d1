import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from '../../src/drivers/spawner/docker/index.ts';
import { ensureTestImage } from './testImage.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'deploy', 'dev-cluster', 'cluster.mjs');
/** The runner of engine tests has the programs built before; that takes a quarter of an hour the first time. */
const COMMAND_MS = 10 * 60_000;
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** The development cluster of this machine. */
export interface TestCluster {
  kubeconfig: string;
  /** `host:port` of its registry, plain http. */
  registry: string;
  /** This machine's address as pods see it. */
  gateway: string;
}

/** One command of the development cluster; what it prints. */
export async function clusterCommand(...args: string[]): Promise<string> {
  const { KUBECONFIG: _other, ...env } = process.env;
  const { stdout } = await run(process.execPath, [PROGRAM, ...args], { env, timeout: COMMAND_MS });
  return stdout;
}

/** Brings the cluster up, or what of it does not run. Rejects when there can be none on this machine. */
export async function clusterUp(): Promise<TestCluster> {
  await clusterCommand('up');
  // Before it the command may say that it waits for another.
  const settings = (await clusterCommand('settings')).trim().split('\n').at(-1) ?? '';
  return JSON.parse(settings) as TestCluster;
}

/** The image of driver tests in the cluster's registry, by the manifest's digest. */
export async function pushTestImage(
  engine: Engine,
  { registry }: TestCluster,
): Promise<{ ref: string; digest: string }> {
  const local = await ensureTestImage(engine);
  const [name = '', tag = ''] = local.ref.replace('localhost/', '').split(':');
  const ref = `${registry}/${name}:${tag}`;
  const manifest = `http://${registry}/v2/${name}/manifests/${tag}`;
  const ask = () => fetch(manifest, { method: 'HEAD', headers: { accept: MANIFESTS.join(', ') } });
  if (!(await ask()).ok) {
    const { program, args, env } = engine.cli;
    const insecure = engine.kind === 'podman' ? ['--tls-verify=false'] : [];
    const options = { env: { ...process.env, ...env } };
    await run(program, [...args, 'tag', local.ref, ref], options);
    await run(program, [...args, 'push', ...insecure, ref], options);
  }
  const digest = (await ask()).headers.get('docker-content-digest');
  if (digest === null) throw new Error(`The registry does not tell the digest of ${ref}.`);
  return { ref, digest };
}
