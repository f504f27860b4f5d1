import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram, podmanEnvironment } from '../docker/podmanEnvironment.ts';
import { strayDescendants } from './processTree.ts';

/** How to call the container engine's command on this machine. */
export interface EngineCli {
  kind: 'podman' | 'docker';
  program: string;
  /** Arguments before the subcommand. */
  args: string[];
  /** Variables added to this process's own. */
  env: Record<string, string>;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Each line of standard output and error, without its end. */
  onLine?: (line: string) => void;
  /** Variables added to this process's own. */
  env?: Record<string, string>;
  cwd?: string;
}

/** How a command ended; `output` is its standard output, `tail` the last lines of everything it wrote. */
export interface CommandResult {
  code: number;
  output: string;
  tail: string[];
}

const TAIL_LINES = 200;
/** How a command is ended: the signal for its process group, and how long to wait for its effect. */
const ENDING: readonly [NodeJS.Signals | undefined, number][] = [
  [undefined, 2_000],
  ['SIGTERM', 5_000],
  ['SIGKILL', 0],
];
const PROBE_MS = 5_000;
/** A program that the command left running may hold its output open for ever. */
const OUTPUT_AFTER_EXIT_MS = 2_000;

/** Runs the engine's command; see {@link runCommand}. */
export function runEngine(engine: EngineCli, args: string[], options: RunOptions = {}): Promise<CommandResult> {
  return runCommand(engine.program, [...engine.args, ...args], { ...options, env: { ...engine.env, ...options.env } });
}

/**
 * Podman looks through all images for its layer cache, and ends the build when somebody removes one at that moment.
 * Nothing was built wrongly then, and the next run goes on from the steps that are done.
 */
const LOST_RACE = /checking if cached image exists/;
const BUILD_RUNS = 5;

/** Runs the engine's `build`, given with its arguments; once more when it ended for a reason that is not the build's. */
export async function runBuild(engine: EngineCli, args: string[], options: RunOptions = {}): Promise<CommandResult> {
  const env: Record<string, string> = engine.kind === 'docker' ? { DOCKER_BUILDKIT: '1' } : {};
  let result = await runEngine(engine, args, { ...options, env });
  for (
    let runs = 1;
    runs < BUILD_RUNS && result.code !== 0 && result.tail.some((line) => LOST_RACE.test(line));
    runs += 1
  ) {
    result = await runEngine(engine, args, { ...options, env });
  }
  return result;
}

/**
 * Runs a command to its end. It gets a process group of its own, so that an abort reaches its children too. Rejects
 * with the signal's reason when aborted, and when the program cannot be started at all.
 */
export async function runCommand(program: string, args: string[], options: RunOptions = {}): Promise<CommandResult> {
  const { signal, onLine } = options;
  signal?.throwIfAborted();
  const child = spawn(program, args, {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const tail: string[] = [];
  const take = (line: string): void => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    onLine?.(line);
  };
  const takeOutput = (line: string): void => {
    output.push(line);
    take(line);
  };
  const read = [readLines(child.stdout, takeOutput), readLines(child.stderr, take)];
  const release = killOnAbort(child.pid, signal);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exit) => resolve(exit ?? 1));
    });
    await Promise.race([Promise.all(read), delay(OUTPUT_AFTER_EXIT_MS, undefined, { ref: false })]);
    signal?.throwIfAborted();
    return { code, output: output.join('\n'), tail };
  } finally {
    release();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function readLines(stream: Readable, take: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: stream });
  lines.on('line', (line) => take(line.trimEnd()));
  return new Promise((resolve) => lines.once('close', resolve));
}

function killOnAbort(pid: number | undefined, signal: AbortSignal | undefined): () => void {
  if (pid === undefined || signal === undefined) return () => undefined;
  const ended = new AbortController();
  const onAbort = (): void => void endCommand(pid, ended.signal);
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    ended.abort();
    signal.removeEventListener('abort', onAbort);
  };
}

/**
 * Podman does not end what a build runs in a container when it is ended itself. So that goes first, upon which Podman
 * fails the build and cleans up; only then is the command told, and at last forced.
 */
async function endCommand(pid: number, ended: AbortSignal): Promise<void> {
  for (const [name, patienceMs] of ENDING) {
    const strays = await strayDescendants(pid);
    for (const stray of strays) sendSignal(stray, 'SIGKILL');
    if (name !== undefined) sendSignal(-pid, name);
    else if (strays.length === 0) continue;
    await delay(patienceMs, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
  }
}

function sendSignal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch {
    // It has ended by itself.
  }
}

/**
 * Finds the engine of this machine: a Docker that answers, else Podman. A containers.conf, where Podman needs one, goes
 * into `directory`. Throws an error that says what to install.
 */
export async function detectEngineCli(directory: string): Promise<EngineCli> {
  const docker = await findProgram('docker');
  if (docker !== undefined && (await answers(docker, ['version', '--format', '{{.Server.Version}}']))) {
    const version = await runCommand(docker, ['--version'], { signal: AbortSignal.timeout(PROBE_MS) });
    if (!/podman/i.test(version.tail.join(' '))) return { kind: 'docker', program: docker, args: [], env: {} };
  }
  const podman = await findProgram('podman');
  if (podman !== undefined) return { kind: 'podman', program: podman, ...(await podmanEnvironment(directory)) };
  throw new Error(
    'No container engine was found. Start Docker, or install Podman (on Debian and Ubuntu: apt-get install podman).',
  );
}

async function answers(program: string, args: string[]): Promise<boolean> {
  const result = await runCommand(program, args, { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => undefined);
  return result?.code === 0;
}
