import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLayer } from '@davit/oci';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeLayer } from './layerFile.ts';

let place: string;
let source: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'davit-layer-'));
  source = join(place, 'source');
  await mkdir(source);
});
afterEach(() => rm(place, { recursive: true, force: true }));

const signal = () => AbortSignal.timeout(30_000);
const target = () => join(place, 'layer.tar');

async function write(isLeftOut: (path: string) => boolean = () => false) {
  const tree = await readLayer(source, 0, isLeftOut, signal());
  const bytes: number[] = [];
  const layer = await writeLayer(tree, [source], target(), { signal: signal(), onBytes: (done) => bytes.push(done) });
  return { layer, bytes, tree };
}

/** What another program finds in the tar. */
const listed = () =>
  execFileSync('tar', ['-tf', target(), '--quoting-style=escape'], { encoding: 'utf8' }).split('\n').filter(Boolean);

describe('a layer as a file', () => {
  it('is a tar of what is there, with its digest and size', async () => {
    await mkdir(join(source, 'a/b'), { recursive: true });
    await writeFile(join(source, 'a/b/c'), 'content');
    await chmod(join(source, 'a/b/c'), 0o4751);
    await symlink('b', join(source, 'a/l'));
    const { layer, bytes } = await write();
    const content = await readFile(target());
    expect(layer).toEqual({
      digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      bytes: content.length,
    });
    expect(bytes.at(-1)).toBe(content.length);
    expect(listed()).toEqual(['a/', 'a/b/', 'a/b/c', 'a/l']);
    execFileSync('tar', ['-xpf', target(), '-C', place]);
    expect(execFileSync('stat', ['-c', '%a', join(place, 'a/b/c')], { encoding: 'utf8' }).trim()).toBe('4751');
  });

  it('marks what was removed and what was replaced, names of any length and bytes', async () => {
    const long = 'n'.repeat(240);
    await mkdir(join(source, long, long), { recursive: true });
    execFileSync('mknod', [join(source, long, long, 'gone'), 'c', '0', '0']);
    execFileSync('mknod', [join(source, 'short'), 'c', '0', '0']);
    await writeFile(Buffer.concat([Buffer.from(`${source}/-x`), Buffer.from([0xff])]), '');
    await mkdir(join(source, 'new'));
    const tree = await readLayer(source, 0, () => false, signal());
    tree.children.get('new')!.opaque = true;
    await writeLayer(tree, [source], target(), { signal: signal(), onBytes: () => undefined });
    expect(listed().sort()).toEqual(
      [
        '-x\\377',
        '.wh.short',
        `${long}/`,
        `${long}/${long}/`,
        `${long}/${long}/.wh.gone`,
        'new/',
        'new/.wh..wh..opq',
      ].sort(),
    );
  });

  it('keeps hard links together, also where their first name is left out', async () => {
    await mkdir(join(source, 'cache'));
    await writeFile(join(source, 'cache/file'), 'content');
    await link(join(source, 'cache/file'), join(source, 'one'));
    await link(join(source, 'cache/file'), join(source, 'two'));
    await write((path) => path === 'cache');
    expect(listed()).toEqual(['one', 'two']);
    const details = execFileSync('tar', ['-tvf', target()], { encoding: 'utf8' });
    expect(details).toContain('two link to one');
    expect(execFileSync('tar', ['-xOf', target(), 'one'], { encoding: 'utf8' })).toBe('content');
  });

  it('takes a file that goes or changes while it is read', async () => {
    for (const name of ['a', 'b', 'c']) await writeFile(join(source, name), name.repeat(100_000));
    const tree = await readLayer(source, 0, () => false, signal());
    await rm(join(source, 'b'));
    await writeFile(join(source, 'c'), 'short');
    await writeLayer(tree, [source], target(), { signal: signal(), onBytes: () => undefined });
    expect(listed()).toEqual(['a', 'c']);
  });

  it('of nothing is an empty tar', async () => {
    expect((await write()).layer.bytes).toBe(1024);
    expect(listed()).toEqual([]);
  });

  it('ends when it is aborted, and says when the directory is gone', async () => {
    await writeFile(join(source, 'a'), Buffer.alloc(50_000_000));
    const tree = await readLayer(source, 0, () => false, signal());
    const abort = new AbortController();
    const onBytes = (): void => abort.abort(new Error('enough'));
    await expect(writeLayer(tree, [source], target(), { signal: abort.signal, onBytes })).rejects.toThrow();
    await rm(source, { recursive: true });
    const gone = writeLayer(tree, [source], target(), { signal: signal(), onBytes: () => undefined });
    await expect(gone).rejects.toThrow(/tar/);
  });
});
