import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** How a program ended, in plain words. */
export interface Ended {
  /** Such as "It ended with status 1." */
  reason: string;
  /** Its exit status, if it ended by itself. */
  code?: number;
}

export interface Command {
  command: string[];
  env: NodeJS.ProcessEnv;
}

/** Of two processes that the kernel could kill for memory, it takes the one with the higher score: never the agent. */
const OOM_SCORE_ADJ = '500';
/** What is left of a group after its leader has ended gets this long to end by itself. */
const LEFTOVER_MS = 2000;

/**
 * A program with all its children that stay in its process group. The group is what is ended, because an editor whose
 * leader dies leaves children that hold memory and ports.
 */
export class ProcessGroup {
  readonly #pid: number | undefined;
  /** Resolves when the leader has ended; never rejects. */
  readonly ended: Promise<Ended>;

  constructor({ command, env }: Command) {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    this.#pid = child.pid;
    if (child.pid !== undefined) preferForOomKill(child.pid);
    this.ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => resolve({ reason: startFault(program, error) }));
      child.once('exit', (code, signal) => {
        this.#endLeftovers();
        if (code === null) resolve({ reason: `It was ended by ${signal}.` });
        else resolve({ reason: `It ended with status ${code}.`, code });
      });
    });
  }

  /** Asks the group to end, and ends it by force after the time given. Resolves when the leader is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(timer);
    this.#signal('SIGKILL');
  }

  #endLeftovers(): void {
    this.#signal('SIGTERM');
    setTimeout(() => this.#signal('SIGKILL'), LEFTOVER_MS).unref();
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#pid === undefined) return;
    try {
      process.kill(-this.#pid, signal);
    } catch {
      // The group is empty.
    }
  }
}

function preferForOomKill(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE_ADJ);
  } catch {
    // The program has ended already, or the kernel is another one; it then takes its pick by size alone.
  }
}

function startFault(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `The program "${program}" is not in this image.`;
  return `The program "${program}" could not be started: ${error.message}.`;
}
