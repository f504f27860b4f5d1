import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  kubernetesProblems,
  kubernetesSettings,
  toKubernetesConfig,
  type KubernetesConfig,
} from './kubernetesConfig.ts';
import { packageIndexSettings, packageIndexVariables } from './packageIndexes.ts';
import { AppError } from './platform/errors.ts';

/** What the hub is told at boot. Parsed once, in main. */
export interface Config {
  host: string;
  port: number;
  /** Port of the listener for code inside servers, on the servers' network; undefined: none. */
  apiPort: number | undefined;
  dataDir: string;
  /** Undefined: the hub runs its own PostgreSQL in the data directory. */
  databaseUrl: string | undefined;
  engine: 'docker' | 'kubernetes';
  /** Only where the engine is Kubernetes. */
  kubernetes: KubernetesConfig | undefined;
  /** Address of a Docker engine, as the docker command takes it; undefined: detect. */
  dockerHost: string | undefined;
  publicUrl: URL;
  /** Address of a server with `{id}` in its host, or in its path for path mode. */
  serverUrl: string;
  insecureHttp: boolean;
  /** Addresses and CIDR ranges of proxies in front, whose X-Forwarded-For tells who asks; empty: none is believed. */
  trustedProxies: string[];
  tls: { certFile: string; keyFile: string } | undefined;
  admin: { name: string; password: string } | undefined;
  /** Data sources by name: directory on this machine. `default` is always there. */
  sources: Record<string, string>;
  /** Variables that each server gets unless its image sets others. Nothing secret: people read them in their servers. */
  serverVariables: Record<string, string>;
  /** Cards that exist only on paper, for tests: kind → count. */
  declaredGpus: { kind: string; count: number }[];
  cpuOvercommit: number;
  /** What a server may write outside of /data, in MiB; 0: no limit. */
  diskLimitMb: number;
  /** The largest archive of an image that an admin may upload, in MiB. */
  uploadLimitMb: number;
  /** Days for which a built image stays in the engine after a newer one came; 0: for ever. */
  oldImageDays: number;
  /** Where a tmpfs for secret files may be; the first that is one is taken. */
  tmpfsDirs: string[];
  logLevel: string;
  /** Seconds for which a hub that was told to end still answers, while proxies in front learn to ask another. */
  drainSeconds: number;
}

const portSchema = z.coerce.number().int().min(1).max(65_535);
const flagSchema = z.stringbool().default(false);
const sourceName = /^[a-z0-9][a-z0-9_-]{0,30}$/;

const sourcesSchema = z
  .string()
  .default('')
  .transform((text, context) => {
    const sources: Record<string, string> = {};
    for (const entry of text.split(',').filter((part) => part.trim() !== '')) {
      // A path may hold further ones.
      const [, name = '', path = ''] = /^([^=]*)=(.*)$/.exec(entry.trim()) ?? [];
      if (!sourceName.test(name) || !path.startsWith('/')) {
        context.addIssue(`"${entry}" must be name=/absolute/path, the name of a-z 0-9 _ -`);
      } else if (Object.hasOwn(sources, name)) {
        context.addIssue(`names "${name}" twice, with ${sources[name]} and ${path}`);
      }
      sources[name] = path;
    }
    return sources;
  });

const gpusSchema = z
  .string()
  .default('')
  .transform((text, context) =>
    text
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((entry) => {
        const [kind = '', count = ''] = entry.trim().split(':');
        if (kind === '' || !/^\d{1,3}$/.test(count)) context.addIssue(`"${entry}" must be kind:count, such as test:4`);
        return { kind, count: Number(count) };
      }),
  );

const proxiesSchema = z
  .string()
  .default('')
  .transform((text, context) => {
    const proxies = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
    for (const proxy of proxies) {
      if (!isAddressOrRange(proxy)) context.addIssue(`"${proxy}" must be an address or a range such as 10.0.0.0/8`);
    }
    return proxies;
  });

const serverUrlSchema = z
  .string()
  .refine((text) => URL.canParse(text.replace('{id}', 'abcdefghijkl')) && text.split('{id}').length === 2, {
    message: 'must be an address with {id} once, such as https://s-{id}.example.org',
  });

const environmentSchema = z.object({
  DAVIT_HOST: z.string().min(1).default('127.0.0.1'),
  DAVIT_PORT: portSchema.default(8000),
  DAVIT_API_PORT: z.coerce.number().int().min(0).max(65_535).default(7071),
  DAVIT_DATA_DIR: z.string().startsWith('/', 'must be an absolute path').optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  DAVIT_ENGINE: z.enum(['docker', 'kubernetes'], 'must be docker or kubernetes').default('docker'),
  ...kubernetesSettings,
  ...packageIndexSettings,
  DOCKER_HOST: z.string().optional(),
  DAVIT_PUBLIC_URL: z.url({ protocol: /^https?$/, message: 'must be an http or https address' }).optional(),
  DAVIT_SERVER_URL: serverUrlSchema.optional(),
  DAVIT_INSECURE_HTTP: flagSchema,
  DAVIT_TRUSTED_PROXIES: proxiesSchema,
  DAVIT_TLS_CERT_FILE: z.string().optional(),
  DAVIT_TLS_KEY_FILE: z.string().optional(),
  DAVIT_ADMIN_NAME: z.string().min(1).optional(),
  DAVIT_ADMIN_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  DAVIT_SOURCES: sourcesSchema,
  DAVIT_DECLARED_GPUS: gpusSchema,
  XDG_RUNTIME_DIR: z.string().optional(),
  DAVIT_DISK_LIMIT_MB: z.coerce.number().int().min(0).default(20_480),
  DAVIT_UPLOAD_LIMIT_MB: z.coerce.number().int().min(1).default(20_480),
  DAVIT_OLD_IMAGE_DAYS: z.coerce.number().int().min(0).max(3650).default(14),
  DAVIT_CPU_OVERCOMMIT: z.coerce.number().min(1).max(100).default(4),
  DAVIT_DRAIN_SECONDS: z.coerce.number().int().min(0).max(600).default(0),
  DAVIT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

type Environment = z.output<typeof environmentSchema>;

/** Settings that are secrets may also come from a file, named by the same setting with _FILE behind it. */
const SECRET_SETTINGS = ['DATABASE_URL', 'DAVIT_ADMIN_PASSWORD'] as const;

/** Reads the settings from the environment. Throws one AppError that names every bad setting at once. */
export function loadConfig(env: NodeJS.Dict<string>): Config {
  const problems: string[] = [];
  const parsed = environmentSchema.safeParse(withSecretFiles(withoutEmpty(env), problems));
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  if (problems.length > 0 || !parsed.success) throw invalid(problems);
  problems.push(...crossFieldProblems(parsed.data, env));
  if (problems.length > 0) throw invalid(problems);
  return toConfig(parsed.data);
}

function invalid(problems: readonly string[]): AppError {
  return new AppError(
    'bad-request',
    ['Some settings are not valid:', ...problems.map((problem) => `  - ${problem}`)].join('\n'),
  );
}

function withoutEmpty(env: NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

function withSecretFiles(env: Record<string, string>, problems: string[]): Record<string, string> {
  const result = { ...env };
  for (const key of SECRET_SETTINGS) {
    const file = env[`${key}_FILE`];
    if (file === undefined) continue;
    try {
      result[key] = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch {
      problems.push(`${key}_FILE names ${file}, which cannot be read`);
    }
  }
  return result;
}

function crossFieldProblems(values: Environment, env: NodeJS.Dict<string>): string[] {
  const problems: string[] = [];
  if (env['DAVIT_ADMIN_PASSWORD'] !== undefined) {
    problems.push(
      'DAVIT_ADMIN_PASSWORD must come from a file: set DAVIT_ADMIN_PASSWORD_FILE, other processes can read an environment',
    );
  }
  if ((values.DAVIT_ADMIN_NAME === undefined) !== (values.DAVIT_ADMIN_PASSWORD === undefined)) {
    problems.push('DAVIT_ADMIN_NAME and DAVIT_ADMIN_PASSWORD_FILE go together');
  }
  if ((values.DAVIT_TLS_CERT_FILE === undefined) !== (values.DAVIT_TLS_KEY_FILE === undefined)) {
    problems.push('DAVIT_TLS_CERT_FILE and DAVIT_TLS_KEY_FILE go together');
  }
  if (!isLoopback(values.DAVIT_HOST) && values.DAVIT_PUBLIC_URL === undefined) {
    problems.push(
      'DAVIT_PUBLIC_URL is needed when DAVIT_HOST is not a loopback address: browsers must know the name of the hub',
    );
  }
  if (values.DAVIT_API_PORT === values.DAVIT_PORT) {
    problems.push('DAVIT_API_PORT must be another port than DAVIT_PORT; 0 turns calls from inside servers off');
  }
  if (values.DAVIT_ENGINE === 'kubernetes') problems.push(...kubernetesProblems(values));
  return [...problems, ...urlProblems(values)];
}

function urlProblems(values: Environment): string[] {
  const publicUrl = publicUrlOf(values);
  const problems: string[] = [];
  if (publicUrl.pathname !== '/') problems.push('DAVIT_PUBLIC_URL must have no path: the hub needs a host of its own');
  if (publicUrl.protocol === 'http:' && !isLoopback(publicUrl.hostname) && !values.DAVIT_INSECURE_HTTP) {
    problems.push(
      'DAVIT_PUBLIC_URL is plain http on a public name: browsers drop the sign-in cookie and VS Code needs https. ' +
        'Set DAVIT_TLS_CERT_FILE and DAVIT_TLS_KEY_FILE, or an https address of a proxy in front, or DAVIT_INSECURE_HTTP=1 for a try',
    );
  }
  if (values.DAVIT_SERVER_URL === undefined && !isLoopback(publicUrl.hostname)) {
    problems.push(
      'DAVIT_SERVER_URL is needed beside a public DAVIT_PUBLIC_URL, such as https://s-{id}.example.org on another domain',
    );
  }
  if (new URL(serverUrlOf(values, publicUrl).replace('{id}', 'abcdefghijkl')).host === publicUrl.host) {
    problems.push(
      'DAVIT_SERVER_URL must have another host than DAVIT_PUBLIC_URL: what runs in a server must not share the hub’s cookies',
    );
  }
  return problems;
}

function toConfig(values: Environment): Config {
  const publicUrl = publicUrlOf(values);
  const dataDir = values.DAVIT_DATA_DIR ?? defaultDataDir();
  const { DAVIT_TLS_CERT_FILE: certFile, DAVIT_TLS_KEY_FILE: keyFile } = values;
  const { DAVIT_ADMIN_NAME: name, DAVIT_ADMIN_PASSWORD: password } = values;
  return {
    host: values.DAVIT_HOST,
    port: values.DAVIT_PORT,
    apiPort: values.DAVIT_API_PORT === 0 ? undefined : values.DAVIT_API_PORT,
    dataDir,
    databaseUrl: values.DATABASE_URL,
    engine: values.DAVIT_ENGINE,
    kubernetes: values.DAVIT_ENGINE === 'kubernetes' ? toKubernetesConfig(values) : undefined,
    dockerHost: values.DOCKER_HOST,
    publicUrl,
    serverUrl: serverUrlOf(values, publicUrl),
    insecureHttp: publicUrl.protocol === 'http:' && !isLoopback(publicUrl.hostname),
    trustedProxies: values.DAVIT_TRUSTED_PROXIES,
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    admin: name === undefined || password === undefined ? undefined : { name, password },
    sources: { default: join(dataDir, 'storage', 'default'), ...values.DAVIT_SOURCES },
    serverVariables: packageIndexVariables(values),
    declaredGpus: values.DAVIT_DECLARED_GPUS,
    cpuOvercommit: values.DAVIT_CPU_OVERCOMMIT,
    diskLimitMb: values.DAVIT_DISK_LIMIT_MB,
    uploadLimitMb: values.DAVIT_UPLOAD_LIMIT_MB,
    oldImageDays: values.DAVIT_OLD_IMAGE_DAYS,
    tmpfsDirs: ['/run', values.XDG_RUNTIME_DIR, '/dev/shm'].filter((path) => path !== undefined),
    logLevel: values.DAVIT_LOG_LEVEL,
    drainSeconds: values.DAVIT_DRAIN_SECONDS,
  };
}

function publicUrlOf(values: Environment): URL {
  const scheme = values.DAVIT_TLS_CERT_FILE === undefined ? 'http' : 'https';
  return new URL(values.DAVIT_PUBLIC_URL ?? `${scheme}://localhost:${values.DAVIT_PORT}`);
}

/** Servers live on hosts of their own below localhost, which browsers resolve by themselves (RFC 6761, 6.3). */
function serverUrlOf(values: Environment, publicUrl: URL): string {
  const port = publicUrl.port === '' ? '' : `:${publicUrl.port}`;
  return (values.DAVIT_SERVER_URL ?? `${publicUrl.protocol}//s-{id}.localhost${port}`).replace(/\/$/, '');
}

/** Root's home is closed to the database's user, so root keeps data below /var/lib. */
function defaultDataDir(): string {
  if (process.getuid?.() === 0) return '/var/lib/davit';
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'davit');
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const widest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return widest >= 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest));
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    host === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}
