import { access, constants, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostSettings } from './hostSettings.ts';
import { makeOwnDirectory } from './ownDirectory.ts';

/** Where a build step unpacks the settings: a tmpfs that only that step has. */
const PLACE = '/run/pm';
/** BuildKit refuses larger secrets; a CA bundle is by far the largest part. */
const MAX_SECRET_BYTES = 480_000;
const DIRECTORY_PREFIX = 'davit-build-';

/**
 * Packs the settings into one shell script, which a build step sources from its secret mount: it writes the files below
 * `/run/pm` and exports the variables that point to them. Nothing but POSIX shell built-ins and mkdir are used.
 */
export function packSettings(settings: HostSettings): string {
  const files = settingsFiles(settings, PLACE);
  const script = [
    `mkdir -p ${PLACE}/apt-sources`,
    ...[...files].map(([name, text]) => `printf %s ${quote(text)} > ${quote(`${PLACE}/${name}`)}`),
    ...Object.entries(settingsVariables(settings, PLACE)).map(([name, value]) => `export ${name}=${quote(value)}`),
    '',
  ].join('\n');
  if (Buffer.byteLength(script) > MAX_SECRET_BYTES) {
    if (settings.ca === undefined)
      throw new Error('The package-manager settings of this machine are too large to pass to a build.');
    return packSettings({ ...settings, ca: undefined });
  }
  return script;
}

/** The files that hold the settings, as they are when they lie in `place`. */
export function settingsFiles(settings: HostSettings, place: string): Map<string, string> {
  const files = new Map<string, string>();
  if (settings.ca !== undefined) files.set('ca.crt', settings.ca);
  if (settings.pip.length > 0) files.set('pip.conf', ['[global]', ...settings.pip, ''].join('\n'));
  if (settings.npm.length > 0) files.set('npmrc', [...settings.npm, ''].join('\n'));
  if (settings.aptAuth !== '') files.set('apt-auth.conf', `${settings.aptAuth}\n`);
  for (const { name, text } of settings.aptSources) files.set(`apt-sources/${name}`, text);
  const options = [...settings.aptOptions];
  if (settings.ca !== undefined) options.push(`Acquire::https::CAInfo "${place}/ca.crt";`);
  if (settings.aptAuth !== '') options.push(`Dir::Etc::netrc "${place}/apt-auth.conf";`);
  if (settings.aptSources.length > 0) {
    options.push('Dir::Etc::SourceList "/dev/null";', `Dir::Etc::SourceParts "${place}/apt-sources";`);
  }
  if (options.length > 0) files.set('apt.conf', [...options, ''].join('\n'));
  return files;
}

function settingsVariables(settings: HostSettings, place: string): Record<string, string> {
  const files = settingsFiles(settings, place);
  const variables: Record<string, string> = { ...settings.proxies };
  if (files.has('ca.crt')) {
    const names = [
      'SSL_CERT_FILE',
      'CURL_CA_BUNDLE',
      'REQUESTS_CA_BUNDLE',
      'PIP_CERT',
      'GIT_SSL_CAINFO',
      'NODE_EXTRA_CA_CERTS',
    ];
    for (const name of [...names, 'npm_config_cafile']) variables[name] = `${place}/ca.crt`;
  }
  if (files.has('pip.conf')) variables['PIP_CONFIG_FILE'] = `${place}/pip.conf`;
  if (files.has('npmrc')) variables['npm_config_userconfig'] = `${place}/npmrc`;
  if (files.has('apt.conf')) variables['APT_CONFIG'] = `${place}/apt.conf`;
  return variables;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A secret file for the time of a build; `dispose` removes it. */
export interface SecretFile {
  path: string;
  dispose(): Promise<void>;
}

/**
 * Writes the packed settings to a file that only this user can read, in memory where the machine offers that. Files left
 * by processes that were killed are removed first.
 */
export async function writeSecret(settings: HostSettings): Promise<SecretFile> {
  const directory = await makeOwnDirectory(await memoryDirectory(), DIRECTORY_PREFIX);
  const path = join(directory, 'pm');
  await writeFile(path, packSettings(settings), { mode: 0o600 });
  return { path, dispose: () => rm(directory, { recursive: true, force: true }) };
}

/** A directory in memory where this user may write; on a machine without one, that for temporary files. */
export async function memoryDirectory(): Promise<string> {
  for (const candidate of [process.env['XDG_RUNTIME_DIR'], '/dev/shm', '/run']) {
    if (candidate === undefined || candidate === '') continue;
    const usable = await access(candidate, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  return tmpdir();
}
