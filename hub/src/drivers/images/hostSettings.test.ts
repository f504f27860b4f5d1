import { describe, expect, it } from '@jest/globals';
import { debianSources } from './aptSources.ts';
import { collectHostSettings, npmSettings, pipSettings } from './hostSettings.ts';

describe('pipSettings', () => {
  it('keeps where packages come from, later lines winning, and no path of this machine', () => {
    const list = [
      "global.cert='/etc/ssl/ca.crt'",
      "global.index-url='https://a.example/simple'",
      "install.extra-index-url='https://b.example\\nhttps://c.example'",
      ":env:.index-url='https://d.example/simple'",
      ":env:.find-links='/opt/wheels'",
      '',
    ].join('\n');
    expect(pipSettings(list)).toEqual([
      'index-url = https://d.example/simple',
      'extra-index-url = https://b.example\n  https://c.example',
    ]);
    expect(pipSettings('')).toEqual([]);
  });
});

describe('npmSettings', () => {
  it('keeps registries and how to sign in there, variables filled in', () => {
    const text = [
      'registry = https://a.example/',
      '@lab:registry=https://b.example/',
      '//b.example/:_authToken=${TOKEN}',
      'cache=/tmp/cache',
      '; comment',
      'cafile=/etc/ca.crt',
    ].join('\n');
    expect(npmSettings(text, { TOKEN: 't0ken' })).toEqual([
      'registry = https://a.example/',
      '@lab:registry=https://b.example/',
      '//b.example/:_authToken=t0ken',
    ]);
  });
});

describe('debianSources', () => {
  const debian = [
    'Types: deb\nURIs: http://a.example/debian\nSuites: bookworm bookworm-updates\nComponents: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
  ].join('\n');

  it("keeps Debian's own stanzas of the release and drops the others in the same file", () => {
    const docker =
      'Types: deb\nURIs: https://d.example\nSuites: bookworm\nComponents: stable\nSigned-By: /etc/apt/keyrings/d.asc';
    const text = `${debian}\n${docker}\n\nTypes: deb\nURIs: http://a.example\nSuites: trixie\nComponents: main\n`;
    expect(debianSources([{ name: '/etc/apt/sources.list.d/debian.sources', text }], 'bookworm')).toEqual([
      { name: 'debian.sources', text: debian },
    ]);
  });

  it('reads one-line sources, without disabled, foreign and source-code lines', () => {
    const text = [
      'deb http://a.example/debian bookworm main',
      '# deb http://b.example bookworm main',
      'deb-src http://a.example/debian bookworm main',
      'deb [arch=amd64 signed-by=/etc/apt/keyrings/pg.gpg] http://p.example bookworm main',
      'deb http://p.example bookworm-pgdg main',
      'deb [arch=amd64] http://a.example/security bookworm-security main',
    ].join('\n');
    expect(debianSources([{ name: '/etc/apt/sources.list', text }], 'bookworm')[0]?.text).toBe(
      'deb http://a.example/debian bookworm main\ndeb [arch=amd64] http://a.example/security bookworm-security main\n',
    );
  });

  it('gives nothing where the release itself is missing or disabled', () => {
    const onlyUpdates = 'deb http://a.example/debian bookworm-updates main';
    expect(debianSources([{ name: 'sources.list', text: onlyUpdates }], 'bookworm')).toEqual([]);
    expect(debianSources([{ name: 'd.sources', text: `Enabled: no\n${debian}` }], 'bookworm')).toEqual([]);
  });
});

it('collects the settings of this machine without failing where tools are missing', async () => {
  const settings = await collectHostSettings();
  expect(Array.isArray(settings.pip)).toBe(true);
  expect(settings.ca ?? 'BEGIN CERTIFICATE').toContain('BEGIN CERTIFICATE');
});
