import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialAuth, noAuth, RegistryClient } from '@davit/oci';
import { messageOf } from '../../platform/errors.ts';
import { runEngine, type EngineCli } from './engineCli.ts';
import { makeOwnDirectory } from './ownDirectory.ts';
import { memoryDirectory } from './settingsSecret.ts';

/** Somebody's name and password at a registry; at Davit's own the password is an API token. */
export interface RegistryLogin {
  user: string;
  password: string;
}

interface PushOptions {
  /** `host[:port]`, or with `http://` one without TLS. */
  registry: string;
  /** Undefined: as whom the engine's own command is signed in there, if it is. */
  login: RegistryLogin | undefined;
  signal: AbortSignal;
}

/** Who pushes, by DAVIT_REGISTRY_USER and DAVIT_REGISTRY_PASSWORD_FILE; undefined when neither is set. */
export async function registryLogin(env: NodeJS.Dict<string>): Promise<RegistryLogin | undefined> {
  const { DAVIT_REGISTRY_USER: user = '', DAVIT_REGISTRY_PASSWORD_FILE: file = '' } = env;
  if (user === '' && file === '') return undefined;
  if (user === '' || file === '')
    throw new Error('DAVIT_REGISTRY_USER and DAVIT_REGISTRY_PASSWORD_FILE go together: set both, or none.');
  try {
    return { user, password: (await readFile(file, 'utf8')).trim() };
  } catch (error) {
    throw new Error(`DAVIT_REGISTRY_PASSWORD_FILE cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The reference in the registry of an image that is there already, whose name tells its content; undefined where it is
 * not there, or the registry does not say so to this login.
 */
export async function pushedImage(ref: string, { registry, login, signal }: PushOptions): Promise<string | undefined> {
  const { host, target } = targetOf(ref, registry);
  const [repository = '', tag = ''] = target.slice(host.length + 1).split(':');
  const url = new URL(registry.includes('://') ? registry : `https://${registry}`);
  const auth = login === undefined ? noAuth : credentialAuth(login.user, () => Promise.resolve(login.password));
  const digest = await new RegistryClient(url, auth).digestOf(repository, tag, signal).catch(() => undefined);
  return digest === undefined ? undefined : target;
}

/** Pushes a built image; the engine keeps no name of the registry for it. The result is its reference there. */
export async function pushImage(
  engine: EngineCli,
  ref: string,
  { registry, login, signal }: PushOptions,
): Promise<string> {
  const { host, target } = targetOf(ref, registry);
  const podman = ['push', ...(registry.startsWith('http://') ? ['--tls-verify=false'] : []), ref, target];
  // Docker pushes only what it has under that very name, and decides by its own list which registries have no TLS.
  const docker = [
    ['tag', ref, target],
    ['push', target],
  ];
  await signedIn(host, login, async (env) => {
    try {
      for (const args of engine.kind === 'podman' ? [podman] : docker) {
        const { code, tail } = await runEngine(engine, args, { signal, env });
        if (code !== 0) throw new Error(`${target} could not be pushed: ${tail.slice(-3).join(' ')}`);
      }
    } finally {
      if (engine.kind === 'docker') await runEngine(engine, ['rmi', target]);
    }
  });
  return target;
}

function targetOf(ref: string, registry: string): { host: string; target: string } {
  const host = registry.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return { host, target: ref.replace(/^localhost\//, `${host}/`) };
}

/** Both engines read a file, which is in memory and this user's alone: a command line is seen by all of the machine. */
async function signedIn(
  host: string,
  login: RegistryLogin | undefined,
  work: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
  if (login === undefined) return work({});
  const directory = await makeOwnDirectory(await memoryDirectory(), 'davit-login-');
  try {
    const file = join(directory, 'config.json');
    const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
    await writeFile(file, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
    await work({ REGISTRY_AUTH_FILE: file, DOCKER_CONFIG: directory });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
