import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../docker/podmanEnvironment.ts';
import { ImageBuildError } from './buildError.ts';
import { runCommand, runEngine, type EngineCli, type RunOptions } from './engineCli.ts';
import type { HostSettings } from './hostSettings.ts';
import { OS_IMAGE, OS_RELEASE } from './plan.ts';
import { settingsFiles } from './settingsSecret.ts';

export interface OsImageOptions {
  engine: EngineCli;
  settings: HostSettings;
  /** A directory for this call, made when needed and removed afterwards by the caller. */
  directory: string;
  signal: AbortSignal;
  onLine: (line: string) => void;
}

const PUBLIC_IMAGE = `debian:${OS_RELEASE}-slim`;
/** How long a registry may take to begin to answer, and to deliver 30 MB. */
const FIRST_ANSWER_MS = 20_000;
const WHOLE_PULL_MS = 300_000;
/** Settings that must not stay in an image: this machine's name, name servers and package sources. */
const TRACES = ['etc/hostname', 'etc/resolv.conf', 'etc/apt/apt.conf.d/99mmdebstrap'];

/**
 * Makes {@link OS_IMAGE} exist: the public Debian image where a registry answers, else one made here by mmdebstrap or
 * debootstrap from the package mirror.
 */
export async function ensureOsImage(options: OsImageOptions): Promise<void> {
  const { engine, signal } = options;
  if ((await runEngine(engine, ['image', 'inspect', OS_IMAGE], { signal })).code === 0) return;
  if (await pullPublic(options)) {
    await mustRun(engine, ['tag', PUBLIC_IMAGE, OS_IMAGE], options);
    return;
  }
  options.onLine(`No registry gave ${PUBLIC_IMAGE}; making it from Debian's packages.`);
  const archive = await bootstrap(options);
  await mustRun(engine, ['import', archive, OS_IMAGE], options);
}

async function pullPublic({ engine, signal, onLine }: OsImageOptions): Promise<boolean> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), FIRST_ANSWER_MS);
  const bounded = AbortSignal.any([signal, silent.signal, AbortSignal.timeout(WHOLE_PULL_MS)]);
  const take = (line: string): void => {
    // Only a registry that answers names layers.
    if (/blob|layer|pull(ing)? (from|complete)|fs layer/i.test(line)) clearTimeout(timer);
    onLine(line);
  };
  try {
    const result = await runEngine(engine, ['pull', PUBLIC_IMAGE], { signal: bounded, onLine: take });
    return result.code === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function bootstrap(options: OsImageOptions): Promise<string> {
  await mkdir(options.directory, { recursive: true });
  const archive = join(options.directory, 'os.tar');
  const mmdebstrap = await findProgram('mmdebstrap');
  if (mmdebstrap !== undefined) {
    await runMmdebstrap(mmdebstrap, archive, options);
    return archive;
  }
  const debootstrap = await findProgram('debootstrap');
  if (debootstrap !== undefined && process.getuid?.() === 0) {
    await runDebootstrap(debootstrap, archive, options);
    return archive;
  }
  throw new ImageBuildError(
    `The Debian image that all images start from is missing: no registry gave ${PUBLIC_IMAGE}, and mmdebstrap is not ` +
      'installed to make it here. Install it (on Debian and Ubuntu: apt-get install mmdebstrap debian-archive-keyring) ' +
      `or import an image as ${OS_IMAGE}, then start again.`,
    [],
  );
}

/** Sources taken from this machine come back with each build as a secret, so they are not left in the image. */
export function mmdebstrapArgs(archive: string, sources: string[], aptConf: string | undefined): string[] {
  const clean = TRACES.map((path) => `rm -f "$1"/${path}`);
  if (sources.length > 0) clean.push('rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*');
  return [
    '--variant=minbase',
    // apt's own unprivileged user could not read the settings, which lie in a directory for this user alone.
    '--aptopt=APT::Sandbox::User "root";',
    ...(aptConf === undefined ? [] : [`--aptopt=${aptConf}`]),
    ...['man', 'info', 'locale', 'lintian', 'doc'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    `--customize-hook=${clean.join('; ')}`,
    OS_RELEASE,
    archive,
    ...sources,
  ];
}

async function runMmdebstrap(program: string, archive: string, options: OsImageOptions): Promise<void> {
  const { settings } = options;
  const place = join(options.directory, 'apt');
  const files = settingsFiles({ ...settings, aptSources: [] }, place);
  await writeFiles(place, files);
  const sources = settings.aptSources.map(({ name }) => join(place, name));
  await writeFiles(place, new Map(settings.aptSources.map(({ name, text }) => [name, text])));
  const aptConf = files.has('apt.conf') ? join(place, 'apt.conf') : undefined;
  await mustSucceed(program, mmdebstrapArgs(archive, sources, aptConf), options);
}

async function runDebootstrap(program: string, archive: string, options: OsImageOptions): Promise<void> {
  const { settings } = options;
  const root = join(options.directory, 'root');
  const mirror = /https?:\/\/[^\s\]]+/.exec(settings.aptSources.map(({ text }) => text).join('\n'))?.[0];
  const where = mirror === undefined ? [] : [mirror];
  await mustSucceed(program, ['--variant=minbase', OS_RELEASE, root, ...where], options);
  if (mirror !== undefined) await rm(join(root, 'etc/apt/sources.list'), { force: true });
  for (const path of [...TRACES, 'var/log/bootstrap.log']) await rm(join(root, path), { force: true });
  const leaveOut = ['./var/cache/apt/archives/*.deb', './var/lib/apt/lists/*', './proc/*', './sys/*'];
  const excludes = leaveOut.map((path) => `--exclude=${path}`);
  await mustSucceed('tar', ['--numeric-owner', ...excludes, '-C', root, '-cf', archive, '.'], options);
}

async function writeFiles(directory: string, files: Map<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, text] of files) await writeFile(join(directory, name), text, { mode: 0o600 });
}

async function mustSucceed(
  program: string,
  args: string[],
  { settings, signal, onLine }: OsImageOptions,
): Promise<void> {
  const run: RunOptions = { signal, onLine, env: { ...settings.proxies, LC_ALL: 'C' } };
  const result = await runCommand(program, args, run);
  if (result.code === 0) return;
  throw ImageBuildError.of('The Debian image that all images start from could not be made', result);
}

async function mustRun(engine: EngineCli, args: string[], { signal, onLine }: OsImageOptions): Promise<void> {
  const result = await runEngine(engine, args, { signal, onLine });
  if (result.code !== 0) throw ImageBuildError.of(`${engine.kind} ${args[0] ?? ''} ${OS_IMAGE} failed`, result);
}
