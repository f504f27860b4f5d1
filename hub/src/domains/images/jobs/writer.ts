import type { ImageJobRow, JobProgress } from './model.ts';
import type { ImageJobPatch, ImageJobStore } from './store.ts';

/** Writes how one job goes: always the newest state, and what came while the last was being written in one piece. */
export class JobWriter {
  readonly #store: ImageJobStore;
  readonly #jobId: string;
  readonly #publish: (row: ImageJobRow) => void;
  #patch: ImageJobPatch | undefined;
  #lines: string[] = [];
  #next: number;
  #shown: { phase: string; percent: number } = { phase: '', percent: -1 };
  #last: Promise<unknown> = Promise.resolve();
  #busy = false;

  /** `lastLine` is the number of the last line that the log has. */
  constructor(store: ImageJobStore, jobId: string, lastLine: number, publish: (row: ImageJobRow) => void) {
    this.#store = store;
    this.#jobId = jobId;
    this.#next = lastLine + 1;
    this.#publish = publish;
  }

  /** Tells progress; less than a percent more is not worth a write. Never throws: progress that is not told is no failure. */
  progress({ phase, bytesDone, bytesTotal, percent = percentOf(bytesDone, bytesTotal) }: JobProgress): void {
    const whole = percent === undefined ? -1 : Math.floor(percent);
    if (phase === this.#shown.phase && whole === this.#shown.percent) return;
    this.#shown = { phase, percent: whole };
    this.#patch = {
      phase,
      percent: whole < 0 ? null : whole,
      bytesDone: bytesDone ?? null,
      bytesTotal: bytesTotal ?? null,
    };
    this.#flushSoon();
  }

  line(text: string): void {
    this.#lines.push(text);
    this.#flushSoon();
  }

  /** Resolves when everything that was told is written. */
  async written(): Promise<void> {
    await this.#last;
  }

  #flushSoon(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#last = this.#flush().finally(() => {
      this.#busy = false;
    });
  }

  async #flush(): Promise<void> {
    while (this.#patch !== undefined || this.#lines.length > 0) {
      const patch = this.#patch ?? {};
      const lines = this.#lines;
      this.#patch = undefined;
      this.#lines = [];
      const first = this.#next;
      this.#next += lines.length;
      try {
        if (lines.length > 0) await this.#store.addLines(this.#jobId, first, lines);
        const row = await this.#store.tell(this.#jobId, patch);
        if (row !== undefined) this.#publish(row);
      } catch {
        // Told with the next step; the job itself does not depend on it.
      }
    }
  }
}

function percentOf(done: number | undefined, total: number | undefined): number | undefined {
  if (done === undefined || total === undefined || total <= 0) return undefined;
  return Math.min(100, (done / total) * 100);
}
