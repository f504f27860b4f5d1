import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeInstance } from './hubServers.ts';

const run = promisify(execFile);
const PREFIX = 'davit-run-';
const NEW_PREFIX = 'davit-new-';
/** Written by whatever is started: the process, on the first line, and the instances of hubs, one a line. */
const PID_FILE = /\.pid$/;
const INSTANCE_FILE = 'instance';
/** How deep below a run's directory those files lie. */
const DEPTH = 5;
const ENDING_MS = 10_000;

/** What one run of tests has on this machine, all in one directory. */
export interface TestRun {
  directory: string;
  /** Ends what still runs and removes the directory. */
  end(): Promise<void>;
}

/**
 * Begins a run of tests below `parent`. When this process ends without end(), because somebody killed it, another one ends
 * what it left behind; what a machine that went down has left, the next run does.
 */
export async function beginRun(parent = '/var/tmp'): Promise<TestRun> {
  for (const name of readdirSync(parent)) {
    const left = join(parent, name);
    if (name.startsWith(PREFIX) && !isOwned(left)) await clear(left).catch(() => undefined);
  }
  const directory = makeDirectory(parent);
  const watcher = spawn(process.execPath, [fileURLToPath(import.meta.url), directory], {
    // A session of its own: what kills a run often kills its whole group.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  return {
    directory,
    end: async () => {
      await clear(directory);
      watcher.stdin.end();
    },
  };
}

/** Where tests put what is large or may outlive them: the directory of the run, where they run in one. */
export function runDirectory(): string {
  return process.env['DAVIT_TEST_RUN'] ?? '/var/tmp';
}

/** Gets its name when it says whose it is: else another run that begins now would take it for one that is left. */
function makeDirectory(parent: string): string {
  const made = mkdtempSync(join(parent, NEW_PREFIX));
  writeFileSync(join(made, 'owner'), identity(process.pid) ?? '');
  mkdirSync(join(made, 'tmp'));
  chmodSync(join(made, 'tmp'), 0o1777);
  // PostgreSQL runs as another user.
  chmodSync(made, 0o755);
  const directory = join(parent, basename(made).replace(NEW_PREFIX, PREFIX));
  renameSync(made, directory);
  return directory;
}

/** Whether the process that began a run is still there. */
function isOwned(directory: string): boolean {
  try {
    const owner = readFileSync(join(directory, 'owner'), 'utf8');
    return identity(Number(owner.split(' ')[0])) === owner;
  } catch {
    return false;
  }
}

/** A process id with when it began: ids are used again. Undefined when there is no such process. */
function identity(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Those of other people may not be asked, and are there.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  // The name of the program may hold blanks and brackets. Where there is no such file the id has to do.
  const began = textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19];
  return `${pid} ${began ?? ''}`;
}

async function clear(directory: string): Promise<void> {
  // Jest's own processes go on with their tests when it is killed, and would begin more.
  for (const pid of workersOf(directory)) endProcess(pid, 'SIGKILL');
  const files = filesBelow(directory, DEPTH);
  const pids = files.filter((file) => PID_FILE.test(file)).map((file) => Number(firstLine(file)));
  const own = pids.filter((pid) => pid > 1 && namesDirectory(pid, directory));
  // PostgreSQL ends at once by SIGQUIT, with its children; the others know no such end.
  for (const pid of own) endProcess(pid, isPostgres(pid) ? 'SIGQUIT' : 'SIGKILL');
  const deadline = performance.now() + ENDING_MS;
  while (own.some((pid) => existsSync(`/proc/${pid}`)) && performance.now() < deadline) await sleep(50);
  const told = files.filter((one) => basename(one) === INSTANCE_FILE).map(textOf);
  for (const instance of told.flatMap((text) => text.trim().split('\n'))) await removeInstance(instance);
  for (const place of mountsBelow(directory)) await run('umount', [place]).catch(() => undefined);
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

function workersOf(directory: string): number[] {
  const pids = existsSync('/proc') ? readdirSync('/proc').map(Number).filter(Number.isInteger) : [];
  return pids.filter(
    (pid) =>
      pid !== process.pid &&
      textOf(`/proc/${pid}/cmdline`).includes('jest-worker') &&
      textOf(`/proc/${pid}/environ`).split('\0').includes(`DAVIT_TEST_RUN=${directory}`),
  );
}

function filesBelow(directory: string, depth: number): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return depth > 0 ? filesBelow(path, depth - 1) : [];
      return entry.isFile() ? [path] : [];
    });
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function firstLine(path: string): string {
  return textOf(path).split('\n')[0]?.trim() ?? '';
}

/** By its command line or its environment. */
function namesDirectory(pid: number, directory: string): boolean {
  return ['cmdline', 'environ'].some((file) => textOf(`/proc/${pid}/${file}`).includes(`${directory}/`));
}

function isPostgres(pid: number): boolean {
  return /^[^\0]*postgres\0/.test(textOf(`/proc/${pid}/cmdline`));
}

function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** The innermost first. */
function mountsBelow(directory: string): string[] {
  const mounts = textOf('/proc/self/mounts').split('\n');
  const places = mounts.map((line) => line.split(' ')[1] ?? '');
  return places.filter((place) => place.startsWith(`${directory}/`)).reverse();
}

if (import.meta.main) {
  // The pipe ends with the process that holds its other end, however that ends.
  process.stdin.resume().on('close', () => void clear(process.argv[2] ?? ''));
}
