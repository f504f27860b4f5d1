import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 50;
/** What is looked at may be a command of the engine: asking without a break would slow down what is waited for. */
const LONGEST_PAUSE_MS = 500;

/** Waits until the condition holds; fails with its text after the time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; !(await condition()); pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.3)) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition.toString()}`);
    await sleep(pauseMs);
  }
}
