import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { buildExtension } from './bundle.ts';
import { writeExtension } from './write.ts';

const DIST = join(import.meta.dirname, '..', 'dist');

/** Builds `dist/davit-<version>.vsix`, which any VS Code or code-server installs. Needs no network. */
const files = await buildExtension();
const { version } = JSON.parse(new TextDecoder().decode(files.get('package.json'))) as { version: string };
const unpacked = join(DIST, 'unpacked');
await writeExtension(files, unpacked);
const packagePath = join(DIST, `davit-${version}.vsix`);
await createVSIX({ cwd: unpacked, packagePath, dependencies: false, allowMissingRepository: true });
