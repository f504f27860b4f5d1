import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostSettings } from './hostSettings.ts';
import { makeOwnDirectory } from './ownDirectory.ts';
import { packSettings, writeSecret } from './settingsSecret.ts';

const none: HostSettings = { pip: [], npm: [], aptSources: [], aptOptions: [], aptAuth: '', proxies: {} };
const full: HostSettings = {
  ca: "-----BEGIN CERTIFICATE-----\nit's $HOME `id` \\n\n-----END CERTIFICATE-----\n",
  pip: ['index-url = https://someone:p%40ss@pip.example/simple'],
  npm: ['registry=https://npm.example/', '//npm.example/:_authToken=t0ken'],
  aptSources: [{ name: 'debian.sources', text: 'Types: deb\nURIs: http://apt.example/debian\n' }],
  aptOptions: ['Acquire::Retries "3";'],
  aptAuth: 'machine apt.example login me password secret',
  proxies: { https_proxy: "http://proxy.example:3128/?a='b'" },
};

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'davit-settings-'));
});
afterEach(() => rm(place, { recursive: true, force: true }));

/** Sources the packed script with the place moved, and returns the environment it leaves. */
function unpack(settings: HostSettings): Record<string, string> {
  const script = packSettings(settings).replaceAll('/run/pm', place);
  const output = execFileSync('sh', ['-euc', `${script}\nenv -0`], { env: { PATH: process.env['PATH'] } }).toString();
  const pairs = output.split('\0').map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

describe('packSettings', () => {
  it('unpacks to the same files and variables, whatever characters they have', async () => {
    const env = unpack(full);
    expect(await readFile(join(place, 'ca.crt'), 'utf8')).toBe(full.ca);
    expect(await readFile(join(place, 'pip.conf'), 'utf8')).toBe(`[global]\n${full.pip[0]}\n`);
    expect(await readFile(join(place, 'npmrc'), 'utf8')).toBe(`${full.npm.join('\n')}\n`);
    expect(await readFile(join(place, 'apt-sources/debian.sources'), 'utf8')).toBe(full.aptSources[0]?.text);
    const apt = await readFile(join(place, 'apt.conf'), 'utf8');
    expect(apt).toContain(`Dir::Etc::SourceParts "${place}/apt-sources";`);
    expect(apt).toContain(`Dir::Etc::netrc "${place}/apt-auth.conf";`);
    expect(env).toMatchObject({
      https_proxy: full.proxies['https_proxy'],
      PIP_CONFIG_FILE: `${place}/pip.conf`,
      npm_config_userconfig: `${place}/npmrc`,
      APT_CONFIG: `${place}/apt.conf`,
      SSL_CERT_FILE: `${place}/ca.crt`,
    });
  });

  it('leaves the image its own settings where the machine has none', async () => {
    const env = unpack(none);
    expect(Object.keys(env).filter((name) => /apt|pip|npm|ssl|proxy/i.test(name))).toEqual([]);
    expect(await readdir(place)).toEqual(['apt-sources']);
  });

  it('leaves out a bundle of certificates that would make the secret too large for the engine', () => {
    const script = packSettings({ ...full, ca: 'x'.repeat(600_000) });
    expect(script.length).toBeLessThan(10_000);
    expect(script).not.toContain('ca.crt');
    expect(script).toContain('npm.example');
  });
});

describe('writeSecret', () => {
  it('writes a file for this user alone and removes it', async () => {
    const secret = await writeSecret(full);
    expect((await stat(secret.path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(secret.path))).mode & 0o777).toBe(0o700);
    await secret.dispose();
    await expect(stat(secret.path)).rejects.toThrow('ENOENT');
  });

  it('removes what killed processes left, and nothing else', async () => {
    const dead = spawnSync('true').pid;
    for (const name of [`p-${dead}-abc`, `p-${process.pid}-abc`, 'p-other', `q-${dead}-abc`]) {
      await mkdir(join(place, name));
      await writeFile(join(place, name, 'pm'), 'secret');
    }
    const own = await makeOwnDirectory(place, 'p-');
    expect((await readdir(place)).filter((name) => join(place, name) !== own).sort()).toEqual(
      [`p-${process.pid}-abc`, 'p-other', `q-${dead}-abc`].sort(),
    );
  });
});
