import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildExtension, EXTENSION_ROOT } from './build.ts';
import { wheelFiles, wheelName } from './wheelPlan.ts';
import { zip, type ArchiveFile } from './zip.ts';

/** Builds the extension and packs it as a wheel that pip installs anywhere; gives the wheel's path. No Python takes part. */
export function buildWheel(): string {
  buildExtension();
  const { version, description } = JSON.parse(read('package.json')) as { version: string; description: string };
  const files = wheelFiles({
    version,
    description,
    license: read('../LICENSE'),
    readme: read('README.md'),
    extension: filesBelow(join(EXTENSION_ROOT, 'dist', 'labextension')),
    module: filesBelow(join(EXTENSION_ROOT, 'python', 'jupyterlab_davit')),
    chinese: JSON.parse(read('locale/zh_CN.json')) as Record<string, string>,
  });
  const path = join(EXTENSION_ROOT, 'dist', wheelName(version));
  mkdirSync(join(EXTENSION_ROOT, 'dist'), { recursive: true });
  writeFileSync(path, zip(files));
  return path;
}

function read(path: string): string {
  return readFileSync(join(EXTENSION_ROOT, path), 'utf8');
}

function filesBelow(directory: string): ArchiveFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(directory, path)).isFile() && !path.includes('__pycache__'))
    .map((path) => ({ path: path.replaceAll('\\', '/'), content: readFileSync(join(directory, path)) }));
}

if (import.meta.main) process.stdout.write(`${buildWheel()}\n`);
