import { describe, expect, it } from '@jest/globals';
import { Passwords, type Guard } from './passwords.ts';

const noGuard: Guard = { check: () => Promise.resolve(), failed: () => Promise.resolve() };

describe('Passwords', () => {
  it('hashes with argon2id at the recommended cost, each time with a new salt', async () => {
    const passwords = new Passwords();
    const [one, two] = await Promise.all([passwords.hash('the same'), passwords.hash('the same')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, 'the same', noGuard)).toBe(true);
    expect(await passwords.verify(one, 'The same', noGuard)).toBe(false);
  });

  it('works as hard for nobody as for somebody', async () => {
    const passwords = new Passwords();
    const stored = await passwords.hash('right');
    const cost = async (hash: string | undefined) => {
      const began = process.cpuUsage();
      for (let n = 0; n < 5; n += 1) expect(await passwords.verify(hash, 'wrong', noGuard)).toBe(false);
      return process.cpuUsage(began).user;
    };
    await cost(stored);
    const ratio = (await cost(undefined)) / (await cost(stored));
    expect(ratio).toBeGreaterThan(0.3);
    expect(ratio).toBeLessThan(3);
  });

  it('does no more at once than it may, in the order of asking, and refuses when too many wait', async () => {
    const passwords = new Passwords({ concurrency: 2, maxWaiting: 3 });
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const attempt = (n: number) =>
      passwords.verify(undefined, 'x', {
        check: () => {
          order.push(n);
          running += 1;
          most = Math.max(most, running);
          return Promise.resolve();
        },
        failed: () => {
          running -= 1;
          return Promise.resolve();
        },
      });
    const results = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map(attempt));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(results.map((result) => result.status).slice(5)).toEqual(['rejected', 'rejected']);
    expect(await attempt(7)).toBe(false);
  });

  it('gives the turn back when the guard refuses', async () => {
    const passwords = new Passwords({ concurrency: 1 });
    const refuse = { ...noGuard, check: () => Promise.reject(new Error('enough')) };
    await expect(passwords.verify(undefined, 'x', refuse)).rejects.toThrow('enough');
    expect(await passwords.verify(undefined, 'x', noGuard)).toBe(false);
  });
});
