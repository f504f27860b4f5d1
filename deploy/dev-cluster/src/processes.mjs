import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from '../../../scripts/setup/run.mjs';
import { BIN } from './binaries.mjs';
import { SYSTEM_ENVIRONMENT } from './machine.mjs';
import { RUN } from './settings.mjs';

const PIDS = join(RUN, 'pids');
const LARGEST_LOG = 20 * 1024 * 1024;
/** Environment of every part: the built programs come first. */
export const ENVIRONMENT = { ...SYSTEM_ENVIRONMENT, PATH: `${BIN}:${SYSTEM_ENVIRONMENT.PATH}` };

/** When a process began, in clock ticks since boot: with it a number is told from the same number used again. @param {number} pid */
function startTime(pid) {
  try {
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Process id of a part that was started under this name and still runs. @param {string} name */
export function pidOf(name) {
  const file = join(PIDS, name);
  if (!existsSync(file)) return undefined;
  const [pid, began] = readFileSync(file, 'utf8').split(' ');
  return began !== undefined && startTime(Number(pid)) === began ? Number(pid) : undefined;
}

/** Names of the parts that run. */
export function runningParts() {
  if (!existsSync(PIDS)) return [];
  return readdirSync(PIDS).filter((name) => pidOf(name) !== undefined);
}

/**
 * Starts a part unless it runs as it should; it outlives this process.
 * @param {import('./parts.mjs').Part} part
 * @param {string} logs  directory
 * @returns {Promise<boolean>} whether it had to be started
 */
export async function startPart(part, logs) {
  const { name, program, args } = part;
  const made = fingerprint(part);
  if (pidOf(name) !== undefined) {
    if (readFileSync(join(PIDS, name), 'utf8').split(' ')[2] === made) return false;
    await stopParts([name]);
  }
  mkdirSync(PIDS, { recursive: true });
  const file = join(logs, `${name}.log`);
  const isLarge = existsSync(file) && statSync(file).size > LARGEST_LOG;
  const log = openSync(file, isLarge ? 'w' : 'a');
  const child = spawn(program, args, { cwd: '/', env: ENVIRONMENT, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  if (child.pid === undefined) {
    child.on('error', () => undefined);
    throw new SetupError(`${name} could not be started: ${program} is not there.`);
  }
  writeFileSync(join(PIDS, name), `${child.pid} ${startTime(child.pid) ?? ''} ${made}`);
  child.unref();
  return true;
}

/** Tells a part whose settings have changed since it was started. @param {import('./parts.mjs').Part} part */
function fingerprint({ program, args, configuration }) {
  const file = configuration === undefined ? '' : readFileSync(configuration, 'utf8');
  return createHash('sha256')
    .update(JSON.stringify([program, args, file]))
    .digest('hex')
    .slice(0, 16);
}

/** Ends parts: asks all at once, and ends by force what is left after ten seconds. @param {readonly string[]} names */
export async function stopParts(names) {
  const signal = (/** @type {NodeJS.Signals} */ kind) => {
    for (const name of names) {
      const pid = pidOf(name);
      if (pid !== undefined) process.kill(pid, kind);
    }
  };
  const areGone = () => names.every((name) => pidOf(name) === undefined);
  signal('SIGTERM');
  if (!(await until(areGone, 10_000))) signal('SIGKILL');
  await until(areGone, 5_000);
  for (const name of names) rmSync(join(PIDS, name), { force: true });
}

/**
 * Waits until a probe says true; a probe that throws says false.
 * @param {() => unknown} probe
 * @param {number} milliseconds
 */
export async function until(probe, milliseconds) {
  for (const end = Date.now() + milliseconds; ; await sleep(100)) {
    try {
      if (await probe()) return true;
    } catch {
      // Not there yet.
    }
    if (Date.now() > end) return false;
  }
}

/**
 * Waits until a part answers. Fails at once when it has ended.
 * @param {string} name
 * @param {() => unknown} probe
 * @param {string} logs  directory
 */
export async function waitForPart(name, probe, logs) {
  let hasEnded = false;
  const isReady = await until(async () => {
    hasEnded = pidOf(name) === undefined;
    return hasEnded || (await probe());
  }, 60_000);
  if (isReady && !hasEnded) return;
  const log = readFileSync(join(logs, `${name}.log`), 'utf8')
    .trim()
    .split('\n')
    .slice(-8)
    .join('\n');
  throw new SetupError(`${name} ${hasEnded ? 'ended' : 'does not answer'}. The end of ${logs}/${name}.log:\n${log}`);
}
