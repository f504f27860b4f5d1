import { execFile } from 'node:child_process';

/** One card of this container. `load` 0–1; null where the card does not say, as a part of a divided card. */
export interface GpuUse {
  load: number | null;
  memoryUsedBytes: number | null;
}

/** Runs the driver's own program; `none` when this container has no such program. */
export type AskDriver = () => Promise<string>;

const MOST_CARDS = 64;
/** Somebody who asks twice in a moment gets the same answer: the program takes a tenth of a second of a core. */
const FRESH_MS = 2000;
/** Older than the hub's longest pause between two questions, a measurement says nothing of now. */
const OLD_MS = 40_000;
const TIMEOUT_MS = 5000;

/**
 * What the cards do, measured on demand and never in between. A question is answered with the last measurement and begins the
 * next one, so that a slow driver holds up nobody.
 */
export class GpuMeter {
  readonly #ask: AskDriver;
  readonly #now: () => number;
  #last: { at: number; cards: GpuUse[] } | undefined;
  #none = false;
  #measuring: Promise<void> | undefined;

  constructor({ ask = () => askDriver(), now = Date.now }: { ask?: AskDriver; now?: () => number } = {}) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Null where there is no card, or nothing was measured lately. */
  read(): GpuUse[] | null {
    const age = this.#last === undefined ? Number.POSITIVE_INFINITY : this.#now() - this.#last.at;
    if (!this.#none && age >= FRESH_MS) this.#measuring ??= this.#measure();
    return this.#last === undefined || age > OLD_MS ? null : this.#last.cards;
  }

  /** Resolves when the measurement under way is over. */
  async settled(): Promise<void> {
    await this.#measuring;
  }

  async #measure(): Promise<void> {
    try {
      const text = await this.#ask();
      this.#none = text === 'none';
      if (!this.#none) this.#last = { at: this.#now(), cards: parseCards(text) };
    } catch {
      // A driver that fails once, as while a card is reset, is asked again by the next question.
    } finally {
      this.#measuring = undefined;
    }
  }
}

/** Lines such as `37, 1024`: percent and MiB, or `[N/A]`. */
export function parseCards(text: string): GpuUse[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, MOST_CARDS).map((line) => {
    const [load, memory] = line.split(',').map((cell) => (/^\s*\d+\s*$/.test(cell) ? Number(cell) : null));
    return {
      load: typeof load === 'number' ? Math.min(load, 100) / 100 : null,
      memoryUsedBytes: typeof memory === 'number' ? memory * 2 ** 20 : null,
    };
  });
}

/** What the driver's program prints, or `none` where it does not exist. Rejects when it fails. */
export function askDriver(program = 'nvidia-smi'): Promise<string> {
  const args = ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits'];
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: TIMEOUT_MS, maxBuffer: 65_536 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') resolve('none');
      else reject(new Error('the driver did not answer', { cause: error }));
    });
  });
}
