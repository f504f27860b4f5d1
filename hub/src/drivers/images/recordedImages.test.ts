import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedImages, recordImages } from './recordedImages.ts';

describe('recordedImages', () => {
  let file: string;
  const image = { name: 'base', version: '1', title: 'Base', description: '', editors: [] };
  const known = { catalogue: () => [image], ref: (name: string) => `localhost/davit/${name}:0123456789ab` };

  beforeAll(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'davit-recorded-')), 'images.json');
  });
  afterAll(() => rm(join(file, '..'), { recursive: true, force: true }));

  it('knows what was written down where no image has its sources', async () => {
    expect(await recordedImages(file)).toBeUndefined();
    await writeFile(file, recordImages(known));
    const recorded = await recordedImages(file);
    expect(recorded?.catalogue()).toEqual([image]);
    expect(recorded?.ref('base')).toBe('localhost/davit/base:0123456789ab');
    expect(() => recorded?.ref('other')).toThrow('no image other');
  });

  it('refuses a file that is something else', async () => {
    await writeFile(file, '[{"name":"base"}]');
    await expect(recordedImages(file)).rejects.toThrow(/version/);
  });
});
