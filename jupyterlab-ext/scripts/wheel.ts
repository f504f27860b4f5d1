import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildExtension, EXTENSION_ROOT } from './build.ts';
import { readParts } from './parts.ts';
import { wheelFiles, wheelName } from './wheelPlan.ts';
import { zip } from './zip.ts';

/** Builds the extension and packs it as a wheel that pip installs anywhere. No Python takes part. */
buildExtension();
const parts = readParts();
const path = join(EXTENSION_ROOT, 'dist', wheelName(parts.version));
mkdirSync(join(EXTENSION_ROOT, 'dist'), { recursive: true });
writeFileSync(path, zip(wheelFiles(parts)));
process.stdout.write(`${path}\n`);
