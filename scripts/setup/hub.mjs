import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, contentHash } from './run.mjs';

const DIST = join(ROOT, 'hub', 'dist');
const STAMP = join(DIST, '.built-from');
const SOURCES = ['hub/src', 'hub/migrations', 'shared/contract', 'shared/forward', 'package-lock.json'];

/** The hub as one file of JavaScript. Node runs the sources too, but its type stripper then stays in memory. */
export const HUB_BUNDLE = join('hub', 'dist', 'main.mjs');

/** Bundles the hub when its sources have changed; packages of npm stay where they are. */
export async function bundleHub() {
  const wanted = contentHash(SOURCES);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['hub/src/main.ts'],
    outfile: HUB_BUNDLE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    packages: 'external',
    alias: { '@davit/contract': './shared/contract/src/index.ts', '@davit/forward': './shared/forward/src/index.ts' },
    logLevel: 'warning',
  });
  writeFileSync(STAMP, wanted);
}
