import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;

/** Asks again and again while `work` goes on; how often which answer came, such as `session 200`. */
export async function answersDuring(
  work: Promise<unknown>,
  asked: Record<string, () => Promise<number>>,
): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  const ended = work.then(() => true);
  for (let isDone = false; !isDone; isDone = await Promise.race([ended, sleep(PAUSE_MS, false)])) {
    for (const [what, ask] of Object.entries(asked)) {
      const key = `${what} ${await ask().catch(String)}`;
      answers[key] = (answers[key] ?? 0) + 1;
    }
  }
  return answers;
}

/** The status of a page on this machine's loopback, on a connection of its own and without another try. */
export function statusOf(port: number, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.setTimeout(20_000, () => asked.destroy(new Error(`no answer from ${path}`)));
    asked.on('error', reject);
    asked.end();
  });
}
