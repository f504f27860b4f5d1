import { setTimeout as sleep } from 'node:timers/promises';
import { restartDelayMs } from './backoff.ts';
import { ProcessGroup } from './processGroup.ts';
import { untilFile } from './untilFile.ts';

export interface ImageCommandOptions {
  command: string[];
  /** The file that the driver writes once the container may use its network. */
  goFile: string;
  env: NodeJS.ProcessEnv;
  log: (message: string) => void;
  restartDelayMs?: (endsInARow: number) => number;
}

/** One that ran for this long starts anew with a clean slate. */
const STEADY_MS = 60_000;

/**
 * The command that an admin set for the image: started beside the editors, as the user, in the work directory. One that
 * fails is started again, later each time; one that ends with status 0 has done its work. When it ends, so do the processes
 * it left in its group.
 */
export class ImageCommand {
  readonly #options: ImageCommandOptions;
  readonly #stopping = new AbortController();
  #group: ProcessGroup | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ImageCommandOptions) {
    this.#options = options;
  }

  /** Waits for the go and starts; returns at once. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#group?.stop(graceMs);
    await this.#running;
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { command, goFile, env, log } = this.#options;
    const { signal } = this.#stopping;
    if (!(await untilFile(goFile, signal))) return;
    for (let endsInARow = 0; !this.#isStopping();) {
      const begunAt = Date.now();
      this.#group = new ProcessGroup({ command, env });
      const { reason, code } = await this.#group.ended;
      this.#group = undefined;
      if (this.#isStopping()) return;
      if (code === 0) {
        log('the command of the image has ended.');
        return;
      }
      endsInARow = Date.now() - begunAt >= STEADY_MS ? 1 : endsInARow + 1;
      log(`the command of the image: ${reason} It is started again.`);
      const delayMs = (this.#options.restartDelayMs ?? restartDelayMs)(endsInARow);
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
