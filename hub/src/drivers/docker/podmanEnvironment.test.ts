import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PodmanHost } from './podmanEnvironment.ts';
import {
  hardLimit,
  hasCapability,
  limitedContainersConf,
  podmanEnvironment,
  readPodmanHost,
} from './podmanEnvironment.ts';

const tight: PodmanHost = {
  hardNofile: 20_000,
  hardNproc: 96_365,
  pidMax: 32_768,
  mayRaiseLimits: false,
  root: true,
  cgroups: 'legacy',
  runc: '/usr/sbin/runc',
  containersConf: '',
};
const roomy: PodmanHost = { ...tight, hardNofile: undefined, hardNproc: 2_000_000, cgroups: 'unified' };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-podman-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('podmanEnvironment', () => {
  it('lowers the default limits to the hard limits and picks runc where crun cannot work', async () => {
    const result = await podmanEnvironment(directory, tight);
    expect(result.args).toEqual(['--runtime', '/usr/sbin/runc']);
    expect(result.env).toEqual({ CONTAINERS_CONF: join(directory, 'containers.conf') });
    const conf = await readFile(join(directory, 'containers.conf'), 'utf8');
    expect(conf).toContain('[containers]\ndefault_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]');
  });

  it('changes and writes nothing where the limits are high enough and cgroups are unified', async () => {
    expect(await podmanEnvironment(directory, roomy)).toEqual({ env: {}, args: [] });
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    ['an ordinary user', { ...tight, root: false }],
    ['a process that may raise limits', { ...tight, mayRaiseLimits: true }],
    ['limits set by an administrator', { ...tight, containersConf: '[containers]\ndefault_ulimits=["nofile=1:1"]\n' }],
  ])('writes no limits for %s', (_, host) => {
    expect(limitedContainersConf(host)).toBeUndefined();
  });

  it('keeps the settings of the system file and names only the limits that are too low', () => {
    const containersConf = '[containers]\npids_limit = 5\n[engine]\nruntime = "runc"\n';
    expect(limitedContainersConf({ ...tight, hardNproc: undefined, pidMax: 4_194_304, containersConf })).toBe(
      '[containers]\ndefault_ulimits = ["nofile=20000:20000"]\npids_limit = 5\n[engine]\nruntime = "runc"\n',
    );
  });
});

describe('reading the host', () => {
  it('reads hard limits and capabilities as the kernel prints them', () => {
    const limits =
      'Limit  Soft Limit  Hard Limit  Units\nMax processes  96365  96366  processes\nMax open files  1024  unlimited  files\n';
    expect(hardLimit(limits, 'Max processes')).toBe(96_366);
    expect(hardLimit(limits, 'Max open files')).toBeUndefined();
    expect(hasCapability('CapEff:\t000001fffeffffff\n', 24n)).toBe(false);
    expect(hasCapability('CapEff:\t000001ffffffffff\n', 24n)).toBe(true);
    expect(hasCapability('', 24n)).toBe(false);
  });

  it('finds real values on this machine', async () => {
    const host = await readPodmanHost();
    expect(host.root).toBe(process.getuid?.() === 0);
    expect(['unified', 'legacy']).toContain(host.cgroups);
  });
});
