import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const SCRIPTS = join(import.meta.dirname, '../../scripts');

/** `npm start` with the real search for an engine, on a machine where no program but Node is found. */
describe('npm start', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'davit-start-'));
    const setup = join(root, 'scripts', 'setup');
    mkdirSync(setup, { recursive: true });
    for (const file of ['start.mjs', 'setup/engine.mjs', 'setup/run.mjs'])
      cpSync(join(SCRIPTS, file), join(root, 'scripts', file));
    const rest = { dependencies: 'installDependencies', pages: 'buildPages', extensions: 'buildExtensions' };
    for (const [file, name] of Object.entries(rest))
      writeFileSync(join(setup, `${file}.mjs`), `export async function ${name}() {}\n`);
    writeFileSync(join(root, 'scripts', 'hub.mjs'), "console.log('the hub runs');\n");
    mkdirSync(join(root, 'bin'));
    symlinkSync(process.execPath, join(root, 'bin', 'node'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('asks for no container engine where servers run on a cluster', async () => {
    const env = { PATH: join(root, 'bin'), DAVIT_ENGINE: 'kubernetes' };
    const { stdout } = await run(process.execPath, [join(root, 'scripts', 'start.mjs')], { env });
    expect(stdout).toContain('the hub runs');
  });
});
