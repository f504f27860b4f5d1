import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RegistryClient } from '@davit/oci';
import { connectEngine } from '../../src/drivers/spawner/docker/index.ts';
import { randomId } from '../../src/platform/random.ts';
import { ensureTestImage, testImageRef } from './testImage.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, '..', '..', '..', 'deploy', 'dev-cluster', 'cluster.mjs');
/** The runner of engine tests has the programs built before; that takes a quarter of an hour the first time. */
const COMMAND_MS = 10 * 60_000;
const CALL_MS = 60_000;

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
  return JSON.parse(await clusterCommand('settings')) as TestCluster;
}

/** While a part of the cluster does not run; it runs again in the end, whatever happened meanwhile. */
export async function without<T>(part: string, work: () => Promise<T>): Promise<T> {
  await clusterCommand('stop', part);
  try {
    return await work();
  } finally {
    await clusterCommand('up');
  }
}

/** The image of driver tests in the cluster's registry, by the manifest's digest. The engine is asked only where it is not there. */
export async function pushTestImage({ registry }: TestCluster): Promise<{ ref: string; digest: string }> {
  const local = await testImageRef();
  const [name = '', tag = ''] = local.replace('localhost/', '').split(':');
  const ref = `${registry}/${name}:${tag}`;
  const client = new RegistryClient(new URL(`http://${registry}`));
  const present = () => client.digestOf(name, tag, AbortSignal.timeout(CALL_MS));
  const digest = (await present()) ?? (await push(local, ref).then(present));
  if (digest === undefined) throw new Error(`The registry does not tell the digest of ${ref}.`);
  return { ref, digest };
}

async function push(local: string, ref: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'davit-test-'));
  const engine = await connectEngine({ dataDir, instanceId: randomId(), dockerHost: process.env['DOCKER_HOST'] });
  try {
    await ensureTestImage(engine);
    const { program, args, env } = engine.cli;
    const insecure = engine.kind === 'podman' ? ['--tls-verify=false'] : [];
    const options = { env: { ...process.env, ...env } };
    await run(program, [...args, 'tag', local, ref], options);
    await run(program, [...args, 'push', ...insecure, ref], options);
    // The cluster has it now; the engine needs no second name for it.
    await run(program, [...args, 'rmi', ref], options);
  } finally {
    await engine.dispose();
    await rm(dataDir, { recursive: true, force: true });
  }
}
