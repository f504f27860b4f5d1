import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { overlayDefaults, overlayOf, parseMountinfo } from './mountinfo.ts';

const OFF = { metacopy: false, redirectDir: false };
const options = (text: string) => parseMountinfo(`1 0 0:5 / /a\\040b ro,x - overlay overlay ${text}`)[0]!;

describe('mounts', () => {
  it('are read with their odd names', () => {
    expect(options('rw')).toMatchObject({ device: '0:5', point: '/a b', writable: false, type: 'overlay' });
  });

  it.each([
    ['upperdir=/s/3/fs,lowerdir=/s/2/fs:/s/1/fs', ['/s/2/fs', '/s/1/fs']],
    ['lowerdir+=/s/2/fs,lowerdir+=/s/1/fs,upperdir=/s/3/fs', ['/s/2/fs', '/s/1/fs']],
    ['lowerdir=2/fs:1/fs,upperdir=/s/3/fs', ['/s/2/fs', '/s/1/fs']],
  ])('of layers: %s', (text, lower) => {
    expect(overlayOf(options(text), OFF)).toEqual({ upper: '/s/3/fs', lower, isPartial: false });
  });

  it.each([
    ['metacopy=on', OFF, true],
    ['redirect_dir=on', OFF, true],
    ['redirect_dir=nofollow', OFF, false],
    ['rw', { ...OFF, metacopy: true }, true],
    ['rw', { ...OFF, redirectDir: true }, true],
    ['metacopy=off', { ...OFF, metacopy: true }, false],
    ['redirect_dir=off', { ...OFF, redirectDir: true }, false],
  ])('with %s where the kernel has %j: not whole is %s', (special, defaults, isPartial) => {
    expect(overlayOf(options(`lowerdir=/1,upperdir=/s/3/fs,${special}`), defaults)).toMatchObject({ isPartial });
  });

  it('that cannot be read are none', () => {
    for (const text of ['lowerdir=/1,upperdir=/s/3/fs,userxattr', 'lowerdir=/1::/2,upperdir=/s/3/fs', 'lowerdir=/1']) {
      expect(overlayOf(options(text), OFF)).toBeUndefined();
    }
  });
});

it('what the kernel does by itself is read from its parameters, also where it has none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'davit-parameters-'));
  await writeFile(join(directory, 'redirect_dir'), 'Y\n');
  expect(await overlayDefaults(directory)).toEqual({ metacopy: false, redirectDir: true });
  await writeFile(join(directory, 'metacopy'), 'Y\n');
  expect(await overlayDefaults(directory)).toEqual({ metacopy: true, redirectDir: true });
  await rm(directory, { recursive: true });
});
