import { join } from 'node:path';
import { ROOT, onceFor } from './run.mjs';

const STAMP = join(ROOT, 'hub', 'dist', '.built-from');
const SOURCES = ['hub/src', 'hub/migrations', 'shared/contract', 'shared/forward', 'package-lock.json'];

/** The hub as one file of JavaScript. Node runs the sources too, but its type stripper then stays in memory. */
export const HUB_BUNDLE = join('hub', 'dist', 'main.mjs');

/** Bundles the hub when its sources have changed; packages of npm stay where they are. */
export async function bundleHub() {
  await onceFor(STAMP, SOURCES, build);
}

async function build() {
  const esbuild = await import('esbuild');
  await esbuild.build({
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
}
