import { readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './engineCli.ts';
import { debianSources } from './aptSources.ts';
import { OS_RELEASE } from './plan.ts';

/**
 * The package-manager settings of the machine that builds: everything a build needs to reach the same mirrors through
 * the same proxies. May hold credentials, so it is never logged, never an argument and never part of an image.
 */
export interface HostSettings {
  /** PEM certificates the machine trusts. */
  ca?: string;
  /** Lines of pip's `[global]` section. */
  pip: string[];
  /** Lines of an npmrc. */
  npm: string[];
  /** deb822 or one-line sources of the same Debian release; empty where the machine runs something else. */
  aptSources: { name: string; text: string }[];
  /** Lines of an apt.conf, and apt's credentials in netrc form. */
  aptOptions: string[];
  aptAuth: string;
  /** http_proxy and its kin. */
  proxies: Record<string, string>;
}

const CA_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const PROXY_NAMES = ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);
const PIP_KEYS = new Set(['index-url', 'extra-index-url', 'trusted-host', 'proxy', 'timeout', 'retries']);
const NPM_KEY = /^(registry|@[^:=]+:registry|\/\/[^=]+|proxy|https-proxy|noproxy|strict-ssl|fetch-[a-z-]+)\s*=/;
const PROBE_MS = 15_000;

/** Reads the settings of this machine. Programs that are not installed simply have none. */
export async function collectHostSettings(): Promise<HostSettings> {
  const { env } = process;
  const [ca, pip, npm, apt] = await Promise.all([readCa(env), readPip(), readNpm(env), readApt()]);
  const proxies = Object.fromEntries(
    PROXY_NAMES.flatMap((name) => (env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]])),
  ) as Record<string, string>;
  return { ...(ca === undefined ? {} : { ca }), pip, npm, ...apt, proxies };
}

async function readCa(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const file of [env['SSL_CERT_FILE'], ...CA_FILES]) {
    const text = file === undefined ? undefined : await readText(file);
    if (text?.includes('BEGIN CERTIFICATE') === true) return text;
  }
  return undefined;
}

async function readPip(): Promise<string[]> {
  return pipSettings(await outputOf('python3', ['-m', 'pip', 'config', 'list']));
}

/**
 * The settings in the output of `pip config list` that tell where packages come from; paths of this machine are left
 * out. Values are Python literals: `global.index-url='…'`, several ones joined by `\n`. Later lines win.
 */
export function pipSettings(list: string): string[] {
  const values = new Map<string, string>();
  for (const line of list.split('\n')) {
    const [, key = '', value = ''] =
      /^(?:global|install|:env:)\.([a-z-]+)=(['"])(.*)\2$/.exec(line)?.toSpliced(2, 1) ?? [];
    if (!PIP_KEYS.has(key)) continue;
    const items = value.split('\\n').filter((item) => item !== '');
    values.set(key, items.join('\n  '));
  }
  return [...values].map(([key, value]) => `${key} = ${value}`);
}

async function readNpm(env: NodeJS.ProcessEnv): Promise<string[]> {
  const files = ['/etc/npmrc', env['NPM_CONFIG_USERCONFIG'] ?? join(homedir(), '.npmrc')];
  const texts = await Promise.all(files.map((file) => readText(file)));
  const registry = (await outputOf('npm', ['config', 'get', 'registry'])).trim();
  const lines = npmSettings(texts.join('\n'), env);
  return /^https?:/.test(registry) ? [...lines, `registry=${registry}`] : lines;
}

/** The lines of an npmrc that tell where packages come from and how to sign in there, variables filled in. */
export function npmSettings(text: string, env: NodeJS.ProcessEnv): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => NPM_KEY.test(line))
    .map((line) => line.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole));
}

async function readApt(): Promise<Pick<HostSettings, 'aptSources' | 'aptOptions' | 'aptAuth'>> {
  const release = (await readText('/etc/os-release')) ?? '';
  const same = /^ID=debian$/m.test(release) && release.includes(`VERSION_CODENAME=${OS_RELEASE}`);
  const files = same ? ['/etc/apt/sources.list', ...(await listFiles('/etc/apt/sources.list.d'))] : [];
  const auth = ['/etc/apt/auth.conf', ...(await listFiles('/etc/apt/auth.conf.d'))];
  const sources = await Promise.all(files.map(async (file) => ({ name: file, text: (await readText(file)) ?? '' })));
  const options = await outputOf('apt-config', ['dump']);
  return {
    aptSources: debianSources(sources, OS_RELEASE),
    aptOptions: options.split('\n').filter((line) => /^Acquire::(http|https|Check|Retries)[^ ]* "./.test(line)),
    aptAuth: (await Promise.all(auth.map(async (file) => (await readText(file)) ?? ''))).join('\n').trim(),
  };
}

async function listFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.sort().map((name) => join(directory, name));
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function outputOf(program: string, args: string[]): Promise<string> {
  const result = await runCommand(program, args, { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => undefined);
  return result?.code === 0 ? result.output : '';
}
