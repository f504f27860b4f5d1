import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ContainerInspectInfo } from 'dockerode';
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesBelow, upperDirectory } from './written.ts';

const MIB = 1024 * 1024;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-written-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const info = (driver: unknown) => ({ GraphDriver: driver }) as ContainerInspectInfo;

describe('the directory of a container’s own layer', () => {
  it('is the engine’s upper directory', async () => {
    expect(await upperDirectory(info({ Name: 'overlay', Data: { UpperDir: directory } }))).toBe(directory);
  });

  it.each([[undefined], [{ Name: 'btrfs', Data: null }], [{ Name: 'overlay2', Data: { UpperDir: '/not/here' } }]])(
    'is not known for %j',
    async (driver) => {
      expect(await upperDirectory(info(driver))).toBeUndefined();
    },
  );
});

describe('what files take on disk', () => {
  it('is summed over all directories, without what links lead to and without holes', async () => {
    await mkdir(join(directory, 'deep', 'er'), { recursive: true });
    await writeFile(join(directory, 'deep', 'er', 'file'), Buffer.alloc(3 * MIB, 1));
    await symlink('/usr', join(directory, 'link'));
    const sparse = await open(join(directory, 'sparse'), 'w');
    await sparse.truncate(500 * MIB);
    await sparse.close();
    const bytes = await bytesBelow(directory, AbortSignal.timeout(10_000));
    expect(bytes).toBeGreaterThanOrEqual(3 * MIB);
    expect(bytes).toBeLessThan(4 * MIB);
  });

  it('is not known for a directory that is gone, or when nobody waits any more', async () => {
    await expect(bytesBelow(join(directory, 'gone'), AbortSignal.timeout(10_000))).rejects.toThrow('No such file');
    await expect(bytesBelow(directory, AbortSignal.abort())).rejects.toThrow();
  });
});
