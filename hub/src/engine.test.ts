import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

/** All that a file loads before its first line runs. */
function loadedAtOnce(outputs: Metafile['outputs'], path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { path: next, kind } of outputs[path]?.imports ?? []) {
    if (kind !== 'dynamic-import') loadedAtOnce(outputs, next, seen);
  }
  return seen;
}

it('loads the client of Kubernetes only where it is used: it takes 45 MB', async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['hub/src/main.ts'],
    outdir: 'hub/dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false,
  });
  const names = [...loadedAtOnce(metafile.outputs, 'hub/dist/main.js')];
  expect(names).toContain('express');
  expect(names).not.toContain('@kubernetes/client-node');
});
