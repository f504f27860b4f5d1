import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changesOf } from './changes.ts';
import { layerStream } from './layerStream.ts';
import { clearViews, withView } from './view.ts';

/** Mounts are root's. */
describe('what a saver sees of layers', () => {
  let directory: string;
  let layer: string;
  const only = (own: string) => ({ own, saved: [], below: undefined });
  const workDir = () => join(directory, 'work');
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'davit-view-'));
    layer = join(directory, 'layer');
    await mkdir(join(layer, 'real'), { recursive: true });
    await mkdir(join(directory, 'node'));
    await writeFile(join(directory, 'node', 'file'), 'of the node');
    await writeFile(join(layer, 'real', 'file'), 'own');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is what is there, never what a link leads to, and cannot be written', async () => {
    await symlink(join(directory, 'node'), join(layer, 'link'));
    await withView(workDir(), only(layer), async ({ layers: [place = ''] }) => {
      expect(await readFile(join(place, 'real', 'file'), 'utf8')).toBe('own');
      expect(await readlink(join(place, 'link'))).toBe(join(directory, 'node'));
      await expect(readFile(join(place, 'link', 'file'))).rejects.toThrow('ELOOP');
      await expect(readdir(join(place, 'link'))).rejects.toThrow('ELOOP');
      await expect(writeFile(join(place, 'new'), '')).rejects.toThrow('EROFS');
    });
    expect(await readdir(workDir())).toEqual([]);
  });

  it('holds nothing of the node where somebody puts a link between the look and the reading', async () => {
    const tar = await withView(workDir(), only(layer), async (view) => {
      const { tree } = await changesOf(view, { mounts: [], scrub: [] }, AbortSignal.timeout(10_000));
      await rm(join(layer, 'real'), { recursive: true });
      await symlink(join(directory, 'node'), join(layer, 'real'));
      const chunks: Buffer[] = [];
      for await (const chunk of layerStream(tree, view.sources, AbortSignal.timeout(10_000))) chunks.push(chunk);
      return Buffer.concat(chunks);
    });
    expect(tar.includes('real')).toBe(true);
    expect(tar.includes('of the node')).toBe(false);
  });

  it('is gone also when the work fails, or a directory is not there', async () => {
    await expect(withView(workDir(), only(layer), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const half = { own: layer, saved: [join(directory, 'none')], below: undefined };
    await expect(withView(workDir(), half, () => Promise.resolve())).rejects.toThrow('cannot show the layers');
    expect(await readdir(workDir())).toEqual([]);
  });

  it('is taken away after a process that died, and the layer stays', async () => {
    const [dead, alive] = [`${2 ** 22 + 1}-a`, `${process.pid}-b`];
    for (const name of [dead, alive]) await mkdir(join(workDir(), name, '0'), { recursive: true });
    execFileSync('mount', ['--bind', layer, join(workDir(), dead, '0')]);
    await clearViews(workDir());
    expect(await readdir(workDir())).toEqual([alive]);
    expect(await readFile(join(layer, 'real', 'file'), 'utf8')).toBe('own');
  });
});
