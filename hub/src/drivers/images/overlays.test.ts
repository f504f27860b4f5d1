import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
    const files = (await loadOverlays(root))['code-server'];
    expect(files?.map(({ path, executable }) => [path, executable])).toEqual([['opt/x/package.json', false]]);
  });

  it('says what to do about an extension that is not built', async () => {
    await expect(loadOverlays(root)).rejects.toThrow('Run: node scripts/setup/extensions.mjs');
  });
});
