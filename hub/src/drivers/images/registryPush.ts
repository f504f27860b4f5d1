import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Pushes a built image, where it lies already only its name. The result is its reference there. */
export async function pushImage(
  engine: EngineCli,
  ref: string,
  { registry, login, signal }: PushOptions,
): Promise<string> {
  const host = registry.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const target = ref.replace(/^localhost\//, `${host}/`);
  // Docker decides by the engine's own list of insecure registries.
  const insecure = registry.startsWith('http://') && engine.kind === 'podman' ? ['--tls-verify=false'] : [];
  await signedIn(host, login, async (env) => {
    for (const args of [
      ['tag', ref, target],
      ['push', ...insecure, target],
    ]) {
      const { code, tail } = await runEngine(engine, args, { signal, env });
      if (code !== 0) throw new Error(`${target} could not be pushed: ${tail.slice(-3).join(' ')}`);
    }
  });
  return target;
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
