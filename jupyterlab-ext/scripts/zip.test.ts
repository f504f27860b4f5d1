import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { zip } from './zip.ts';

const FILES = [
  { path: 'a/text.txt', content: Buffer.from('ahoy\n'.repeat(1000)) },
  { path: 'empty', content: Buffer.alloc(0) },
  { path: 'b/船.bin', content: Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 31) % 251)) },
];

describe('an archive', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'davit-zip-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is read by another program, byte for byte', () => {
    const archive = join(directory, 'x.zip');
    writeFileSync(archive, zip(FILES));
    const script = `import zipfile; z = zipfile.ZipFile(${JSON.stringify(archive)}); assert z.testzip() is None; z.extractall(${JSON.stringify(directory)})`;
    expect(spawnSync('python3', ['-c', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    for (const { path, content } of FILES) expect(readFileSync(join(directory, path)).equals(content)).toBe(true);
  });

  it('is the same for the same files', () => {
    expect(zip(FILES).equals(zip(FILES))).toBe(true);
  });
});
