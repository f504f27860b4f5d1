import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the extension. */
export const EXTENSION_ROOT = join(import.meta.dirname, '..');

/**
 * Builds the extension into dist/labextension with JupyterLab's own builder, which shares the host's modules and makes
 * one chunk for each dynamic import. Throws with the builder's words when the sources do not build.
 */
export function buildExtension(): void {
  const here = createRequire(join(EXTENSION_ROOT, 'package.json'));
  const builder = here.resolve('@jupyter/builder');
  // JupyterLab is no program of this machine; its list of shared packages comes as a package of its own.
  const core = createRequire(builder).resolve('@jupyterlab/core-meta/core.package.json');
  const program = join(dirname(builder), 'build-labextension.js');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, '--core-package-file', core, EXTENSION_ROOT],
    { cwd: EXTENSION_ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The JupyterLab extension does not build:\n${stdout}${stderr}`);
}

if (import.meta.main) buildExtension();
