import { describe, expect, it, jest } from '@jest/globals';
import { SharedJobs } from './sharedJobs.ts';

/** A job that ends when told, or when aborted. */
function controlled() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = jest.fn((signal: AbortSignal, report: (text: string) => void) => {
    report('begun');
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    return promise;
  });
  return { work, resolve, reject };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('SharedJobs', () => {
  it('shares a job between calls of one key and tells all of them its progress', async () => {
    const jobs = new SharedJobs<string, string>();
    const job = controlled();
    const heard: string[] = [];
    const calls = [1, 2].map((n) => jobs.run('a', { onProgress: (text) => heard.push(`${n} ${text}`) }, job.work));
    await settled();
    job.resolve('done');
    expect(await Promise.all(calls)).toEqual(['done', 'done']);
    expect(job.work).toHaveBeenCalledTimes(1);
    expect(heard).toEqual(['1 begun', '2 begun']);
  });

  it('runs one job at a time, the next also after a failure, and a key anew when its job has ended', async () => {
    const jobs = new SharedJobs<string, string>();
    const [first, second, third] = [controlled(), controlled(), controlled()];
    const failing = jobs.run('a', {}, first.work);
    const waiting = jobs.run('b', {}, second.work);
    await settled();
    expect(second.work).not.toHaveBeenCalled();
    first.reject(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    second.resolve('b');
    expect(await waiting).toBe('b');
    const again = jobs.run('a', {}, third.work);
    third.resolve('a');
    expect(await again).toBe('a');
  });

  it('aborts a job only when the last who waits gives up', async () => {
    const jobs = new SharedJobs<string, string>();
    const job = controlled();
    const [one, two] = [new AbortController(), new AbortController()];
    const calls = [one, two].map(({ signal }) => jobs.run('a', { signal }, job.work));
    await settled();
    one.abort(new Error('enough'));
    await expect(calls[0]).rejects.toThrow('enough');
    expect(job.work.mock.calls[0]?.[0].aborted).toBe(false);
    two.abort(new Error('enough too'));
    await expect(calls[1]).rejects.toThrow('enough too');
    expect(job.work.mock.calls[0]?.[0].aborted).toBe(true);
  });

  it('never starts a job that nobody waits for any more, and starts a new one for who comes later', async () => {
    const jobs = new SharedJobs<string, string>();
    const [running, dropped, later] = [controlled(), controlled(), controlled()];
    const first = jobs.run('a', {}, running.work);
    const stop = new AbortController();
    const second = jobs.run('b', { signal: stop.signal }, dropped.work);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    const third = jobs.run('b', {}, later.work);
    running.resolve('a');
    later.resolve('b');
    expect([await first, await third]).toEqual(['a', 'b']);
    expect(dropped.work).not.toHaveBeenCalled();
  });
});
