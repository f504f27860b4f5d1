import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Engine } from '../../src/drivers/spawner/docker/index.ts';

const run = promisify(execFile);
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Which of these texts are anywhere in an image: in any layer, unpacked, in its configuration or its manifest. */
export async function scanImage({ cli }: Engine, ref: string, texts: readonly string[]): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'davit-scan-'));
  try {
    const archive = join(directory, 'image.tar');
    await run(cli.program, [...cli.args, 'save', '--output', archive, ref], { env: { ...process.env, ...cli.env } });
    await run('tar', ['-xf', archive, '-C', directory]);
    await rm(archive);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const found = new Set<string>();
    for (const entry of entries.filter((one) => one.isFile())) {
      const content = await readFile(join(entry.parentPath, entry.name));
      const plain = content.subarray(0, 2).equals(GZIP) ? gunzipSync(content) : content;
      for (const text of texts) if (plain.includes(text)) found.add(text);
    }
    return texts.filter((text) => found.has(text));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
