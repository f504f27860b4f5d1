import { afterEach, describe, expect, it } from '@jest/globals';
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { passedOn } from './passedOn.ts';

const MEBIBYTE = 1024 * 1024;
let kinds: number[] = [];
const observer = new PerformanceObserver((list) => {
  kinds.push(...list.getEntries().map((entry) => (entry as unknown as { detail: { kind: number } }).detail.kind));
});

afterEach(() => {
  observer.disconnect();
  kinds = [];
});

async function collectionsDuring(work: () => void): Promise<number> {
  observer.observe({ entryTypes: ['gc'] });
  work();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MINOR).length;
}

describe('passedOn', () => {
  it('collects young memory after every few megabytes, and leaves no trace of how', async () => {
    const collections = await collectionsDuring(() => {
      for (let passed = 0; passed < 160; passed += 1) passedOn(MEBIBYTE);
    });
    expect(collections).toBeGreaterThanOrEqual(20);
    expect(globalThis).not.toHaveProperty('gc');
  });

  it('collects nothing for small things', async () => {
    const collections = await collectionsDuring(() => {
      for (let passed = 0; passed < 1000; passed += 1) passedOn(1024);
    });
    expect(collections).toBeLessThan(5);
  });
});
