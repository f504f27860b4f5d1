import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Waits until a file is there: true, or false when the signal came first. */
export async function untilFile(path: string, signal: AbortSignal): Promise<boolean> {
  while (!existsSync(path)) {
    if (signal.aborted) return false;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return !signal.aborted;
}
