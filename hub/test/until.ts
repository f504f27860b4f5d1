import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds; fails with its text after the time. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition.toString()}`);
    await sleep(50);
  }
}
