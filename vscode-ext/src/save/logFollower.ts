import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/signal.ts';

/** One part of a log: `next` is where the next question begins. */
export interface LogPart {
  lines: string[];
  next: number;
  ended: boolean;
}

export interface LogFollowerOptions {
  clock: Clock;
  ask: (after: number) => Promise<LogPart>;
  append: (lines: readonly string[]) => void;
  /** Told once, with whether there was any line. */
  ended: (any: boolean) => void;
}

const FOLLOW_MS = 1000;
const AFTER_FAILURE_MS = 5000;

/** Appends the lines of a log as they come, until it ends or is disposed. A hub that restarts only makes a pause. */
export function followLog({ clock, ask, append, ended }: LogFollowerOptions): Disposable {
  let after = 0;
  let any = false;
  let stopped = false;
  let timer: Disposable | undefined;
  const step = async (): Promise<void> => {
    let wait = FOLLOW_MS;
    try {
      const part = await ask(after);
      if (stopped) return;
      after = part.next;
      any ||= part.lines.length > 0;
      if (part.lines.length > 0) append(part.lines);
      if (part.ended && part.lines.length === 0) {
        ended(any);
        return;
      }
      if (part.ended) wait = 0;
    } catch {
      wait = AFTER_FAILURE_MS;
    }
    if (!stopped) timer = clock.after(wait, () => void step());
  };
  void step();
  return {
    dispose: () => {
      stopped = true;
      timer?.dispose();
    },
  };
}
