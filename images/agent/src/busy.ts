import { CpuLoad } from './cpuLoad.ts';
import type { JupyterWork } from './jupyter.ts';

/** Whether work goes on that an absent person would not want ended. `busy` undefined: not known, counts as busy. */
export interface Busy {
  busy: boolean | undefined;
  reason: string | undefined;
  /** Last known output of a terminal, ms since the epoch. */
  lastOutputAt: number | undefined;
}

/** What is known at one moment. `jupyter` is `unknown` when JupyterLab runs but does not say, undefined when none runs. */
export interface Observed {
  now: number;
  cores: number | undefined;
  jupyter: JupyterWork | 'unknown' | undefined;
}

/** Idle editors with a page open use less (JupyterLab 2 %, code-server 3 %, a desktop 5 % of a core). */
const BUSY_CORES = 0.2;
/** A terminal that said nothing for this long is quiet. */
const TERMINAL_MS = 120_000;

/** The rule, apart from where its facts come from. */
export function judge({ now, cores, jupyter }: Observed): Busy {
  const known = jupyter === 'unknown' ? undefined : jupyter;
  const lastOutputAt = known?.terminalAt;
  const because = (reason: string): Busy => ({ busy: true, reason, lastOutputAt });
  if (known !== undefined && known.busyKernels > 0) return because(kernels(known.busyKernels));
  if (lastOutputAt !== undefined && now - lastOutputAt < TERMINAL_MS) return because('A terminal is in use.');
  if (cores !== undefined && cores >= BUSY_CORES) {
    return because(`Programs used ${cores.toFixed(1)} CPU cores during the last minute.`);
  }
  const unsure = cores === undefined || jupyter === 'unknown';
  return { busy: unsure ? undefined : false, reason: undefined, lastOutputAt };
}

function kernels(count: number): string {
  return count === 1 ? 'A notebook is running a cell.' : `${count} notebooks are running cells.`;
}

export interface BusyLoopOptions {
  cpuUs: () => number | undefined;
  /** Resolves with undefined when no JupyterLab is ready; rejects when it does not say. */
  askJupyter: () => Promise<JupyterWork | undefined>;
  now?: () => number;
  everyMs?: number;
}

const EVERY_MS = 15_000;

/** Looks every 15 seconds; one look is over before the next begins. */
export class BusyLoop {
  readonly #options: BusyLoopOptions;
  readonly #load = new CpuLoad();
  #state: Busy = { busy: undefined, reason: undefined, lastOutputAt: undefined };
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: BusyLoopOptions) {
    this.#options = options;
  }

  get state(): Busy {
    return this.#state;
  }

  start(): void {
    void this.look().then(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.#options.everyMs ?? EVERY_MS).unref();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** One look. Never rejects. */
  async look(): Promise<void> {
    const { cpuUs, askJupyter, now = Date.now } = this.#options;
    this.#load.add(now(), cpuUs());
    const jupyter = await askJupyter().catch(() => 'unknown' as const);
    this.#state = judge({ now: now(), cores: this.#load.cores, jupyter });
  }
}
