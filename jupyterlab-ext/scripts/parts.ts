import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXTENSION_ROOT } from './build.ts';
import type { Chinese, WheelParts } from './wheelPlan.ts';
import type { ArchiveFile } from './zip.ts';

/** Reads what the package is made of; the extension has to be built before. */
export function readParts(): WheelParts {
  const { version, description } = JSON.parse(read('package.json')) as { version: string; description: string };
  return {
    version,
    description,
    license: read('../LICENSE'),
    readme: read('README.md'),
    extension: filesBelow(join(EXTENSION_ROOT, 'dist', 'labextension')),
    module: filesBelow(join(EXTENSION_ROOT, 'python', 'jupyterlab_davit')),
    chinese: JSON.parse(read('locale/zh_CN.json')) as Chinese,
  };
}

function read(path: string): string {
  return readFileSync(join(EXTENSION_ROOT, path), 'utf8');
}

function filesBelow(directory: string): ArchiveFile[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(directory, path)).isFile() && !path.includes('__pycache__'))
    .map((path) => ({ path: path.replaceAll('\\', '/'), content: readFileSync(join(directory, path)) }));
}
