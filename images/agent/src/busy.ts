import { CpuLoad } from './cpuLoad.ts';
import type { GpuPercent } from './gpuLoad.ts';
import type { JupyterWork } from './jupyter.ts';

/** What kind of work goes on; words of the hub's contract. */
export type BusyCode = 'kernel-busy' | 'terminal-output' | 'cpu-busy' | 'gpu-busy';

/** Whether work goes on that an absent person would not want ended. `busy` undefined: not known, counts as busy. */
export interface Busy {
  busy: boolean | undefined;
  code: BusyCode | undefined;
  reason: string | undefined;
  /** Last known output of a terminal, ms since the epoch. */
  lastOutputAt: number | undefined;
}

/** What is known at one moment. `jupyter` is `unknown` when JupyterLab runs but does not say, undefined when none runs. */
export interface Observed {
  now: number;
  cores: number | undefined;
  /** At each look of late a program ran or waited for a CPU. */
  starved: boolean;
  gpu: GpuPercent;
  jupyter: JupyterWork | 'unknown' | undefined;
  /** Last output of a terminal, ms since the epoch. */
  outputAt: number | undefined;
  /** A terminal that said nothing for this long is quiet. */
  terminalMs: number;
}

/** Idle editors with a page open use less (JupyterLab 2 %, code-server 3 %, a desktop 5 % of a core). */
const BUSY_CORES = 0.2;
/** A card that only shows a desktop stays below. */
const BUSY_GPU_PERCENT = 5;

/** The rule, apart from where its facts come from. */
export function judge({ now, cores, starved, gpu, jupyter, outputAt, terminalMs }: Observed): Busy {
  const because = (code: BusyCode, reason: string): Busy => ({ busy: true, code, reason, lastOutputAt: outputAt });
  const running = jupyter === undefined || jupyter === 'unknown' ? 0 : jupyter.busyKernels;
  if (running > 0) return because('kernel-busy', kernels(running));
  if (outputAt !== undefined && now - outputAt < terminalMs) return because('terminal-output', 'A terminal is in use.');
  if (typeof gpu === 'number' && gpu >= BUSY_GPU_PERCENT) {
    return because('gpu-busy', `A GPU is in use at ${Math.round(gpu)} %.`);
  }
  if (cores !== undefined && cores >= BUSY_CORES) {
    return because('cpu-busy', `Programs used ${cores.toFixed(1)} CPU cores during the last minute.`);
  }
  if (starved) return because('cpu-busy', 'Programs wait for CPU.');
  const unsure = cores === undefined || jupyter === 'unknown' || gpu === 'unknown';
  return { busy: unsure ? undefined : false, code: undefined, reason: undefined, lastOutputAt: outputAt };
}

function kernels(count: number): string {
  return count === 1 ? 'A notebook is running a cell.' : `${count} notebooks are running cells.`;
}

export interface BusyLoopOptions {
  cpuUs: () => number | undefined;
  /** Whether a program runs or waits for a CPU right now. */
  hasRunnable: () => boolean | undefined;
  /** Resolves with undefined when no JupyterLab is ready; rejects when it does not say. */
  askJupyter: () => Promise<JupyterWork | undefined>;
  gpuPercent: () => GpuPercent;
  terminalOutputAt: () => number | undefined;
  now?: () => number;
  /** From one look to the next; how long work counts follows from it. */
  everyMs: number;
}

/** Looks over which the load is a mean: shorter bursts, such as a page being opened, are not work. */
const LOAD_LOOKS = 4;
/** A terminal is quiet after so many looks. */
const TERMINAL_LOOKS = 8;

/** Looks again and again; one look is over before the next begins. */
export class BusyLoop {
  readonly #options: BusyLoopOptions;
  readonly #load: CpuLoad;
  #gpu: GpuPercent[] = [];
  #runnable: boolean[] = [];
  #state: Busy = { busy: undefined, code: undefined, reason: undefined, lastOutputAt: undefined };
  #lastBusyAt: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: BusyLoopOptions) {
    this.#options = options;
    this.#load = new CpuLoad(LOAD_LOOKS * options.everyMs);
    this.#lastBusyAt = (options.now ?? Date.now)();
  }

  get state(): Busy {
    return this.#state;
  }

  /** The last moment at which it was busy or that was not known, ms since the epoch. */
  get lastBusyAt(): number {
    const { now = Date.now } = this.#options;
    return this.#state.busy === false ? this.#lastBusyAt : now();
  }

  start(): void {
    void this.look().then(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.#options.everyMs).unref();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** One look. Never rejects. */
  async look(): Promise<void> {
    const { cpuUs, hasRunnable, askJupyter, gpuPercent, terminalOutputAt, everyMs, now = Date.now } = this.#options;
    this.#load.add(now(), cpuUs());
    // Before JupyterLab is asked: on a machine with too much to do it is not done with its answer when that arrives.
    this.#runnable = [...this.#runnable, hasRunnable() === true].slice(-LOAD_LOOKS);
    const jupyter = await askJupyter().catch(() => 'unknown' as const);
    const starved = this.#runnable.length === LOAD_LOOKS && this.#runnable.every((runnable) => runnable);
    this.#gpu = [...this.#gpu, gpuPercent()].slice(-LOAD_LOOKS);
    const cores = this.#load.cores;
    const outputAt = terminalOutputAt();
    const terminalMs = TERMINAL_LOOKS * everyMs;
    this.#state = judge({ now: now(), cores, starved, gpu: mostOf(this.#gpu), jupyter, outputAt, terminalMs });
    if (this.#state.busy !== false) this.#lastBusyAt = now();
  }
}

/** The highest of the last samples: work on a GPU comes in bursts. */
function mostOf(samples: readonly GpuPercent[]): GpuPercent {
  const known = samples.filter((sample) => typeof sample === 'number');
  const most = known.length === 0 ? undefined : Math.max(...known);
  if (most !== undefined && most >= BUSY_GPU_PERCENT) return most;
  return samples.at(-1);
}
