import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { changesOf } from './changes.ts';
import { layerStream } from './layerStream.ts';
import { overlayDefaults, overlayOf, parseMountinfo } from './mountinfo.ts';
import { withView, type ContainerLayers } from './view.ts';

/** Mounts are root's. The overlay is as engines make it whose system has these options: files and directories in parts. */
describe('a container’s own layer that is not whole by itself', () => {
  let directory: string;
  let upper: string;
  const inside = (...path: string[]) => join(directory, 'merged', ...path);
  const signal = () => AbortSignal.timeout(20_000);
  const mountOf = (point: string) => {
    const text = execFileSync('cat', ['/proc/self/mountinfo'], { encoding: 'utf8' });
    return parseMountinfo(text).find((mount) => mount.point === point)!;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'davit-partial-'));
    upper = join(directory, 'upper');
    for (const name of ['lowest', 'lower', 'upper', 'work', 'merged']) await mkdir(join(directory, name));
    await mkdir(join(directory, 'lowest', 'project', 'src'), { recursive: true });
    await writeFile(join(directory, 'lowest', 'project', 'src', 'old'), 'of the image');
    await writeFile(join(directory, 'lowest', 'project', 'src', 'gone'), 'of the image');
    await writeFile(join(directory, 'lowest', 'settings'), 'settings of the image');
    await mkdir(join(directory, 'lower', 'project'));
    await writeFile(join(directory, 'lower', 'project', 'readme'), 'of an earlier save');
    const lower = ['lower', 'lowest'].map((name) => join(directory, name)).join(':');
    const options = `metacopy=on,redirect_dir=on,lowerdir=${lower},upperdir=${upper},workdir=${directory}/work`;
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, inside()]);
  });
  afterEach(async () => {
    execFileSync('umount', [inside()]);
    await rm(directory, { recursive: true });
  });

  async function saved(layers: ContainerLayers, scrub: string[] = []): Promise<string> {
    const tar = join(directory, 'layer.tar');
    await withView(join(directory, 'views'), layers, async (view) => {
      const { tree } = await changesOf(view, { mounts: [], scrub }, signal());
      const chunks: Buffer[] = [];
      for await (const chunk of layerStream(tree, view.sources, signal())) chunks.push(chunk);
      await writeFile(tar, Buffer.concat(chunks));
    });
    return tar;
  }
  const listed = (tar: string) =>
    execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).split('\n').filter(Boolean).sort();
  const content = (tar: string, path: string) => execFileSync('tar', ['-xOf', tar, path], { encoding: 'utf8' });
  const found = (): ContainerLayers => {
    const overlay = overlayOf(mountOf(inside()), { metacopy: false, redirectDir: false });
    return { own: upper, saved: [], below: overlay?.isPartial === true ? overlay.lower : undefined };
  };

  it('is saved with the contents of files whose mode alone was changed', async () => {
    await chmod(inside('settings'), 0o600);
    expect((await readFile(join(upper, 'settings'))).includes('settings of the image')).toBe(false);
    const tar = await saved(found());
    expect(listed(tar)).toEqual(['settings']);
    expect(content(tar, 'settings')).toBe('settings of the image');
    expect(execFileSync('tar', ['-tvf', tar], { encoding: 'utf8' })).toMatch(/^-rw-------/);
  });

  it('is saved with all that directories hold which were renamed, less what is left out', async () => {
    await rename(inside('project'), inside('renamed'));
    await rename(inside('renamed', 'src'), inside('renamed', 'source'));
    await rm(inside('renamed', 'source', 'gone'));
    await writeFile(inside('renamed', 'source', 'new'), 'new');
    await link(inside('renamed', 'source', 'new'), inside('renamed', 'source', 'same'));
    await writeFile(inside('renamed', '.history'), 'a password');
    await symlink('/etc/passwd', inside('renamed', 'link'));
    const tar = await saved(found(), ['/renamed/.history']);
    expect(listed(tar)).toEqual([
      '.wh.project',
      'renamed/',
      'renamed/.wh..wh..opq',
      'renamed/link',
      'renamed/readme',
      'renamed/source/',
      'renamed/source/new',
      'renamed/source/old',
      'renamed/source/same',
    ]);
    expect(content(tar, 'renamed/source/old')).toBe('of the image');
    expect(content(tar, 'renamed/readme')).toBe('of an earlier save');
    expect(execFileSync('tar', ['-tvf', tar], { encoding: 'utf8' })).toContain('link to renamed/source/new');
  });

  it('is refused where nobody knew that it has such directories', async () => {
    await rename(inside('project'), inside('renamed'));
    await expect(saved({ ...found(), below: undefined })).rejects.toThrow('redirect_dir');
  });

  it('is known by its mount, whatever the kernel does by itself', async () => {
    expect(overlayOf(mountOf(inside()), await overlayDefaults())).toMatchObject({
      upper,
      lower: [join(directory, 'lower'), join(directory, 'lowest')],
      isPartial: true,
    });
  });
});
