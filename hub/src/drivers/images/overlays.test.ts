import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ContextFile } from './contextFiles.ts';
import { loadOverlays } from './overlays.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'davit-overlays-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('loadOverlays', () => {
  it('reads what each editor gets, by its place in the image', async () => {
    await mkdir(join(root, 'vscode-ext/dist/overlay/opt/x'), { recursive: true });
    await writeFile(join(root, 'vscode-ext/dist/overlay/opt/x/package.json'), '{}');
    await mkdir(join(root, 'jupyterlab-ext/dist/overlay/usr/local'), { recursive: true });
    await writeFile(join(root, 'jupyterlab-ext/dist/overlay/usr/local/y.js'), '');
    const overlays = await loadOverlays(root);
    const placesOf = (files: ContextFile[] = []) => files.map(({ path, executable }) => [path, executable]);
    expect(placesOf(overlays['code-server'])).toEqual([['opt/x/package.json', false]]);
    expect(placesOf(overlays.jupyterlab)).toEqual([['usr/local/y.js', false]]);
  });

  it('says what to do about an extension that is not built', async () => {
    await expect(loadOverlays(root)).rejects.toThrow('Run: node scripts/setup/extensions.mjs');
  });
});
