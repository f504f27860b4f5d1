import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildExtension, EXTENSION_ROOT } from './build.ts';
import { readParts } from './parts.ts';
import { packageFiles } from './wheelPlan.ts';

/** The image's Python looks here too, behind its own packages: a wheel that a person installs comes first. */
const PYTHON = 'opt/davit/python';
/** Where JupyterLab looks after the person's own extensions and those of its environment. */
const SERVED = 'usr/local';

/** Lays the extension down as images get it: the content of the wheel, by its place in the image. */
buildExtension();
const overlay = join(EXTENSION_ROOT, 'dist', 'overlay');
rmSync(overlay, { recursive: true, force: true });
const { python, served } = packageFiles(readParts());
for (const [place, files] of [
  [PYTHON, python],
  [SERVED, served],
] as const) {
  for (const { path, content } of files) {
    const target = join(overlay, place, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}
