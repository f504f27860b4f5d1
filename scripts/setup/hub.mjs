import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, onceFor } from './run.mjs';

const STAMP = join(ROOT, 'hub', 'dist', '.built-from');
const SOURCES = [
  'hub/src',
  'hub/migrations',
  'shared/contract',
  'shared/forward',
  'shared/oci',
  'scripts/setup/hub.mjs',
  'package-lock.json',
];

/** The hub as JavaScript. Node runs the sources too, but its type stripper then stays in memory. */
export const HUB_BUNDLE = join('hub', 'dist', 'main.mjs');

/** Bundles the hub when its sources have changed; packages of npm stay where they are. */
export async function bundleHub() {
  await onceFor(STAMP, SOURCES, build);
}

async function build() {
  const esbuild = await import('esbuild');
  await rm(join(ROOT, 'hub', 'dist'), { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ['hub/src/main.ts'],
    outdir: 'hub/dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported on demand gets a file of its own, beside the main one; else its packages are loaded at once.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    packages: 'external',
    alias: {
      '@davit/contract': './shared/contract/src/index.ts',
      // esbuild takes the longest name that fits.
      '@davit/contract/texts': './shared/contract/src/texts/index.ts',
      '@davit/forward': './shared/forward/src/index.ts',
      '@davit/oci': './shared/oci/src/index.ts',
    },
    logLevel: 'warning',
  });
}
