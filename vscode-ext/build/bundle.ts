import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, stop, type BuildOptions } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
/** The oldest runtimes: the extension host of VS Code 1.100, and a browser of the same year. */
const HOST_TARGET = 'node20';
const PAGE_TARGET = 'es2022';

const OURS = new Set(['devDependencies', 'scripts', 'private', 'type']);

/** The extension as it is installed: contents by path, with forward slashes. */
export type ExtensionFiles = Map<string, Uint8Array>;

/**
 * Builds every file of the extension. Equal sources give equal bytes, so that an image is only made anew when something
 * changed. Rejects with the faults of the source.
 */
export async function buildExtension(): Promise<ExtensionFiles> {
  const files: ExtensionFiles = new Map();
  const bundles: BuildOptions[] = [
    {
      entryPoints: { extension: 'src/extension.ts' },
      outExtension: { '.js': '.cjs' },
      outdir: 'dist',
      platform: 'node',
      target: HOST_TARGET,
      format: 'cjs',
      // `ws` uses these two when somebody installed them; it is whole without.
      external: ['vscode', 'bufferutil', 'utf-8-validate'],
      // Node has one since 21; the editor logs each look at it as an error.
      define: { navigator: 'undefined' },
    },
    {
      entryPoints: { page: 'src/webview/page.tsx' },
      outdir: 'dist/page',
      platform: 'browser',
      target: PAGE_TARGET,
      format: 'iife',
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
    },
  ];
  try {
    for (const options of bundles) {
      const { outputFiles } = await build({
        ...options,
        absWorkingDir: ROOT,
        bundle: true,
        write: false,
        minify: true,
        legalComments: 'none',
        logLevel: 'silent',
      });
      for (const file of outputFiles) files.set(file.path.slice(ROOT.length + 1), file.contents);
    }
  } finally {
    // esbuild's helper process would otherwise stay with the caller for ever.
    await stop();
  }
  for (const name of ['README.md', 'package.nls.json', 'package.nls.zh-cn.json']) await add(files, name);
  for (const name of await readdir(join(ROOT, 'media'))) await add(files, `media/${name}`);
  files.set('LICENSE', await readFile(join(ROOT, '..', 'LICENSE')));
  files.set('package.json', Buffer.from(await installedManifest()));
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The manifest without what only this repository needs. */
async function installedManifest(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  const kept = Object.entries(manifest).filter(([key]) => !OURS.has(key));
  return `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`;
}

async function add(files: ExtensionFiles, name: string): Promise<void> {
  files.set(name, await readFile(join(ROOT, name)));
}
