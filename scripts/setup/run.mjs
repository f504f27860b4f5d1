import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The environment in which the project's own programs come first: npm's `node` package is Node 24 whatever the machine has. */
export const ENVIRONMENT = {
  ...process.env,
  PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
};

/** Says on the terminal what is being done. @param {string} text */
export function say(text) {
  process.stdout.write(`davit: ${text}\n`);
}

/** A set-up step failed; the message says what to do. */
export class SetupError extends Error {}

/**
 * Runs a program and shows nothing of it unless it fails; then its last lines are in the error.
 * @param {string} what  in words, for progress and errors
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string | undefined>} [env]
 */
export async function step(what, program, args, env = ENVIRONMENT) {
  say(`${what} …`);
  const began = Date.now();
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk.toString()).slice(-8000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new SetupError(
      `${what} failed (${program} ${args.join(' ')}):\n${output.trim().split('\n').slice(-15).join('\n')}`,
    );
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  if (seconds > 1) say(`${what}: done in ${seconds} s`);
}

/** Content hash of files and folders, without what is generated. @param {readonly string[]} paths relative to the checkout */
export function contentHash(paths) {
  const hash = createHash('sha256');
  const visit = (/** @type {string} */ path) => {
    const full = join(ROOT, path);
    if (!statSync(full).isDirectory()) {
      hash.update(path).update('\0').update(readFileSync(full));
      return;
    }
    for (const name of readdirSync(full).sort()) {
      if (name !== 'node_modules' && name !== 'dist') visit(join(path, name));
    }
  };
  paths.forEach(visit);
  return hash.digest('hex');
}

/**
 * Does `work` once for each content of `paths`: the hash of what it was done for is kept in `stamp`, which lies in what
 * `work` makes.
 * @param {string} stamp
 * @param {readonly string[]} paths relative to the checkout
 * @param {() => Promise<void>} work
 */
export async function onceFor(stamp, paths, work) {
  const wanted = contentHash(paths);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await work();
  writeFileSync(stamp, wanted);
}
