import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const BUILD = join(ROOT, 'hub', 'src', 'buildImages.ts');

/**
 * Puts images of Davit into a registry by the command that people use, and gives their references there in the same
 * order. Takes a minute for each that has to be built.
 * @param options  more options of that command
 */
export async function pushImages(
  registry: string,
  names: readonly string[],
  { options = [], env = {} }: { options?: readonly string[]; env?: Record<string, string> } = {},
): Promise<string[]> {
  // Without names the command pushes all there are.
  if (names.length === 0) return [];
  const args = [BUILD, '--push', `http://${registry}`, ...options, ...names];
  const settings = { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run(process.execPath, args, settings);
  const refs = [...stdout.matchAll(/^(?:pushed|there already:) (\S+)$/gm)].map(([, ref]) => ref ?? '');
  if (refs.length !== names.length) throw new Error(`Not all of ${names.join(', ')} were pushed: ${stdout}`);
  return refs;
}
