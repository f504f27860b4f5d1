import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { find, putOnTop, readLayer, totalBytes, walk, type LayerNode } from './tree.ts';

type Shape = { [name: string]: Shape | 'file' | 'gone' } & { '!'?: 'file' };

/** A tree of a layer: `{a: {b: 'file'}}`; the key `!` makes a directory opaque. */
function treeOf(shape: Shape, layer: number): LayerNode {
  const children = Object.entries(shape).filter(([name]) => name !== '!');
  return {
    kind: 'directory',
    layer,
    bytes: 0,
    opaque: '!' in shape,
    children: new Map(
      children.map(([name, below]) => [
        name,
        typeof below === 'object'
          ? treeOf(below, layer)
          : { kind: below === 'file' ? 'file' : 'whiteout', layer, bytes: 0, opaque: false, children: new Map() },
      ]),
    ),
  };
}

/** `path` → what it is and in which layer, an opaque directory with `!`. */
function listed(tree: LayerNode): Record<string, string> {
  const all: Record<string, string> = {};
  walk(tree, (path, { kind, layer, opaque }) => {
    all[path] = `${kind}${opaque ? '!' : ''} ${layer}`;
  });
  return all;
}

function joined(...layers: Shape[]): Record<string, string> {
  const [lowest = treeOf({}, 0), ...upper] = layers.map((shape, index) => treeOf(shape, index));
  for (const layer of upper) putOnTop(lowest, layer);
  return listed(lowest);
}

describe('layers that are joined', () => {
  it('have what the topmost one has of each path', () => {
    expect(joined({ a: { b: 'file', c: 'file' } }, { a: { b: 'file', d: 'file' } })).toEqual({
      a: 'directory 1',
      'a/b': 'file 1',
      'a/c': 'file 0',
      'a/d': 'file 1',
    });
  });

  it('hold nothing of what was removed, but still hide what lies below both', () => {
    expect(joined({ a: { secret: 'file' }, d: { e: 'file' } }, { a: { secret: 'gone' }, d: 'gone' })).toEqual({
      a: 'directory 1',
      'a/secret': 'whiteout 1',
      d: 'whiteout 1',
    });
  });

  it('keep a directory that replaced something from showing what it replaced', () => {
    expect(joined({ a: { b: 'file' } }, { a: { '!': 'file', c: 'file' } })).toEqual({
      a: 'directory! 1',
      'a/c': 'file 1',
    });
    expect(joined({ a: 'gone' }, { a: { c: 'file' } })).toMatchObject({ a: 'directory! 1' });
    expect(joined({ a: 'file' }, { a: {} })).toEqual({ a: 'directory! 1' });
    expect(joined({ a: { '!': 'file' } }, { a: { c: 'file' } })).toEqual({ a: 'directory! 1', 'a/c': 'file 1' });
  });

  it('follow each change over many layers', () => {
    expect(joined({ a: 'file' }, { a: 'gone' }, { a: { b: 'file' } }, { a: { b: 'gone' } }, { a: 'file' })).toEqual({
      a: 'file 4',
    });
  });
});

describe('a layer that is read', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'davit-layer-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const read = (isLeftOut: (path: string) => boolean = () => false) =>
    readLayer(directory, 0, isLeftOut, AbortSignal.timeout(10_000));

  it('has files, links, whiteouts and names that are no text, without sockets and what is left out', async () => {
    await mkdir(join(directory, 'd/.ssh'), { recursive: true });
    await writeFile(join(directory, 'd/.ssh/id'), 'secret');
    await writeFile(join(directory, 'd/f'), 'x'.repeat(513));
    await writeFile(Buffer.concat([Buffer.from(`${directory}/d/`), Buffer.from([0xff, 0x0a])]), '');
    await symlink('nowhere', join(directory, 'link'));
    execFileSync('mknod', [join(directory, 'gone'), 'c', '0', '0']);
    const socket = createServer().listen(join(directory, 'socket'));
    await new Promise((resolve) => socket.once('listening', resolve));
    const tree = await read((path) => path === 'd/.ssh');
    socket.close();
    expect(listed(tree)).toEqual({
      d: 'directory 0',
      'd/f': 'file 0',
      'd/\u00ff\n': 'file 0',
      gone: 'whiteout 0',
      link: 'file 0',
    });
    expect(find(tree, 'd/f')?.bytes).toBe(3 * 512);
    expect(totalBytes(tree)).toBe((5 + 2) * 512);
  });

  it('that is not there is an error, and an abort ends it', async () => {
    await expect(readLayer(join(directory, 'no'), 0, () => false, AbortSignal.timeout(1000))).rejects.toThrow('ENOENT');
    await expect(readLayer(directory, 0, () => false, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
  });
});
