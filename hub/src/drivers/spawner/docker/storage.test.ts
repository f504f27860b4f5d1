import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSpec } from '../conformance.ts';
import { prepareStorage, type GiveAway } from './storage.ts';

const isRoot = process.getuid?.() === 0;
const spec = testSpec({ ref: 'x', digest: 'sha256:0' });
let root: string;
let given: string[];
const giveAway: GiveAway = (paths) => {
  given.push(...paths);
  return Promise.resolve();
};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'davit-test-'));
  given = [];
});
afterEach(() => rm(root, { recursive: true }));
const prepare = () => prepareStorage(spec, { default: join(root, 'default') }, giveAway);
const at = (...path: string[]) => join(root, 'default', ...path);

describe('prepareStorage', () => {
  it('makes each directory of a source, the user’s own closed to others', async () => {
    await prepare();
    expect((await stat(at('private', spec.ownerId))).mode & 0o777).toBe(0o700);
    for (const kind of ['public', 'share']) expect((await stat(at(kind))).isDirectory()).toBe(true);
  });

  it('gives them to the container’s user, by a helper where this process may not', async () => {
    await prepare();
    const paths = [at('private', spec.ownerId), at('public'), at('share')];
    if (isRoot) for (const path of paths) expect((await stat(path)).uid).toBe(1000);
    else if (process.getuid?.() !== 1000) expect(given.sort()).toEqual(paths.sort());
    given = [];
    if (isRoot) await prepare();
    expect(given).toEqual([]);
  });

  const asRoot = isRoot ? it : it.skip;
  asRoot('leaves what is inside, and common directories that an admin gave to somebody, as they are', async () => {
    await mkdir(at('public'), { recursive: true });
    await chown(at('public'), 1234, 1234);
    await writeFile(at('public', 'sample'), 'x');
    await prepare();
    expect((await stat(at('public'))).uid).toBe(1234);
    expect((await stat(at('public', 'sample'))).uid).toBe(0);
  });
});
