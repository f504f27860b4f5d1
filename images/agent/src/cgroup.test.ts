import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Directory } from '../test/directory.ts';
import { Cgroup } from './cgroup.ts';

let directory: Directory;

beforeEach(() => {
  directory = new Directory();
});

afterEach(() => directory.remove());

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function cgroup(): Cgroup {
  return new Cgroup(directory.path, join(directory.path, 'self'));
}

const V2 = {
  'memory.current': '900000000\n',
  'memory.stat': 'anon 123456\nfile 800000000\nkernel_stack 1\nanon_thp 5\n',
  'memory.max': '1073741824\n',
  'memory.events': 'low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n',
  'cpu.stat': 'usage_usec 5000000\nuser_usec 4000000\n',
};
const READ = { memoryBytes: 123_456, limitBytes: 1_073_741_824, oomKills: 1, cpuUs: 5_000_000 };

describe('version 2', () => {
  it('is read at the root of the mount, as a container sees it', () => {
    write({ ...V2, 'cgroup.controllers': 'cpu memory\n', self: '0::/\n' });
    expect(cgroup().usage()).toEqual(READ);
  });

  it('is read at the path of the process, as seen from the host', () => {
    const below = Object.fromEntries(Object.entries(V2).map(([name, text]) => [`a/b.scope/${name}`, text]));
    write({ ...below, 'cgroup.controllers': 'cpu memory\n', self: '0::/a/b.scope\n' });
    expect(cgroup().usage()).toEqual(READ);
  });

  it('may be without a limit', () => {
    write({ ...V2, 'memory.max': 'max\n', 'cgroup.controllers': 'cpu memory\n', self: '0::/\n' });
    expect(cgroup().usage().limitBytes).toBeUndefined();
  });
});

describe('version 1', () => {
  const V1 = {
    'memory.stat': 'cache 800000000\nrss 111\ntotal_cache 800000000\ntotal_rss 123456\ntotal_rss_huge 0\n',
    'memory.limit_in_bytes': '1073741824\n',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
  };
  const self = '11:cpu,cpuacct:/docker/abc\n9:memory:/docker/abc\n0::/docker/abc\n';

  function mounted(path: string): Record<string, string> {
    const files: Record<string, string> = { [`cpuacct${path}/cpuacct.usage`]: '5000000999\n' };
    for (const [name, text] of Object.entries(V1)) files[`memory${path}/${name}`] = text;
    return files;
  }

  it('is read at the root of the mount, although the process is named by its path on the host', () => {
    write({ ...mounted(''), self });
    expect(cgroup().usage()).toEqual(READ);
  });

  it('is read at the path of the process, as seen from the host', () => {
    write({ ...mounted('/docker/abc'), self });
    expect(cgroup().usage()).toEqual(READ);
  });

  it('has no limit where it is larger than any machine', () => {
    write({ ...mounted(''), self, 'memory/memory.limit_in_bytes': '9223372036854771712\n' });
    expect(cgroup().usage().limitBytes).toBeUndefined();
  });
});

describe('without control groups', () => {
  it('nothing is known and nothing fails', () => {
    const unknown = { memoryBytes: undefined, limitBytes: undefined, oomKills: undefined, cpuUs: undefined };
    expect(cgroup().usage()).toEqual(unknown);
  });

  it('of this machine, the real ones can be read', () => {
    expect(new Cgroup().usage().memoryBytes).toEqual(expect.any(Number));
  });
});
