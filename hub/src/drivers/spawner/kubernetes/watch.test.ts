import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../../platform/log.ts';
import { eventually } from '../conformance.ts';
import { KubeError } from './errors.ts';
import type { KubeApi } from './kubeApi.ts';
import type { WatchTiming } from './settings.ts';
import { watchObjects } from './watch.ts';

type Lines = (signal: AbortSignal) => AsyncGenerator<string>;

const EVENT = JSON.stringify({ type: 'MODIFIED', object: {} });
const BOOKMARK = JSON.stringify({ type: 'BOOKMARK', object: {} });

/** Resolves never, rejects when the signal aborts. */
const silence = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

/** Runs a watch on an API whose watches are these, the last again and again; counts hints and opened watches. */
function watching(watches: Lines[], timing: Partial<WatchTiming> = {}) {
  const seen = { hints: 0, opened: 0, from: [] as unknown[], at: [] as number[] };
  let version = 0;
  const api = {
    call: () => Promise.resolve({ metadata: { resourceVersion: String((version += 1)) }, items: [] }),
    lines: (_path: string, { query, signal }: { query: { resourceVersion?: unknown }; signal: AbortSignal }) => {
      seen.opened += 1;
      seen.at.push(performance.now());
      seen.from.push(query.resourceVersion);
      const next = watches.length > 1 ? watches.shift() : watches[0];
      return (next as Lines)(signal);
    },
  };
  const end = watchObjects({
    api: api as unknown as KubeApi,
    path: '/pods',
    labelSelector: 'a=b',
    timing: { relist: 60_000, silent: 200, wait: 5, maxWait: 20, settled: 10_000, ...timing },
    log: createLog('silent'),
    onHint: () => (seen.hints += 1),
  });
  return { seen, end };
}

async function* forever(signal: AbortSignal): AsyncGenerator<string> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    signal.throwIfAborted();
    yield BOOKMARK;
  }
}

/** Refuses each watch with that answer. */
const refused = (error: Error): Lines =>
  async function* () {
    yield await Promise.reject<string>(error);
  };

/** Ends at once, as behind a proxy that lets no answer go on. */
async function* nothing(): AsyncGenerator<string> {
  // It tells nothing.
}

/** Milliseconds between one opened watch and the next. */
const gaps = (at: readonly number[]) => at.slice(1).map((time, index) => time - (at[index] ?? 0));

describe('watchObjects', () => {
  it('hints at each event, and not at bookmarks', async () => {
    const { seen, end } = watching([
      async function* (signal) {
        yield BOOKMARK;
        yield EVENT;
        yield EVENT;
        yield* forever(signal);
      },
    ]);
    // One by the relist, one by opening, two by events.
    await eventually(() => Promise.resolve(seen.hints === 4 || undefined));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(seen).toMatchObject({ hints: 4, opened: 1 });
    end();
  });

  it.each<[string, Lines]>([
    [
      'as a status',
      async function* () {
        yield await Promise.reject<string>(new KubeError(410, 'Expired', 'too old resource version'));
      },
    ],
    [
      'as an event',
      async function* () {
        yield await Promise.resolve(
          JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'too old resource version' } }),
        );
      },
    ],
  ])('begins anew from now after 410 %s', async (_shape, gone) => {
    const { seen, end } = watching([gone, forever]);
    await eventually(() => Promise.resolve(seen.opened === 2 || undefined));
    await eventually(() => Promise.resolve(seen.hints >= 3 || undefined));
    expect(seen.from).toEqual(['1', '2']);
    end();
  });

  it.each<[string, Lines]>([
    ['is refused', refused(new KubeError(403, 'Forbidden', 'no'))],
    ['ends at once', nothing],
  ])('waits longer each time while the watch %s, up to the longest wait, and looks no more often', async (_, lines) => {
    const { seen, end } = watching([lines], { wait: 20, maxWait: 160 });
    await eventually(() => Promise.resolve(seen.opened >= 6 || undefined));
    end();
    const waits = gaps(seen.at);
    // Half of each wait is random: 20, 40, 80, 160, 160, each beside the first wait of the loop itself.
    for (const [index, least] of [10, 20, 40, 80, 80].entries())
      expect(waits[index]).toBeGreaterThanOrEqual(20 + least - 2);
    // One by the relist.
    expect(seen.hints).toBe(seen.opened + 1);
  });

  it.each<[string, Lines]>([
    [
      'told something',
      async function* () {
        yield await Promise.resolve(BOOKMARK);
      },
    ],
    [
      'lived for a while',
      async function* () {
        await new Promise((resolve) => setTimeout(resolve, 60));
        yield* nothing();
      },
    ],
  ])('waits the first wait again after a watch that %s', async (_, good) => {
    const bad = refused(new KubeError(500, '', 'no'));
    const { seen, end } = watching([bad, bad, bad, bad, good, bad, forever], { wait: 50, maxWait: 2000, settled: 40 });
    await eventually(() => Promise.resolve(seen.opened === 7 || undefined));
    end();
    const last = gaps(seen.at).at(-1) ?? 0;
    // The fourth refusal was followed by 200 at the least, and a fifth would be by 400.
    expect(last).toBeLessThan(400);
  });

  it('waits as long as the cluster asks', async () => {
    const busy = refused(new KubeError(429, 'TooManyRequests', 'later', { retryAfterMs: 300 }));
    const { seen, end } = watching([busy, forever], { wait: 5, maxWait: 400 });
    await eventually(() => Promise.resolve(seen.opened === 2 || undefined));
    end();
    expect(gaps(seen.at)[0]).toBeGreaterThanOrEqual(298);
  });

  it('notices a watch that fell silent', async () => {
    const { seen, end } = watching([
      async function* (signal) {
        yield EVENT;
        await silence(signal);
      },
      forever,
    ]);
    await eventually(() => Promise.resolve(seen.opened === 2 || undefined));
    end();
  });

  it('asks for a look now and then whatever happens, until it ends', async () => {
    const { seen, end } = watching([forever], { relist: 20 });
    await eventually(() => Promise.resolve(seen.hints > 5 || undefined));
    end();
    const { hints } = seen;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.hints).toBe(hints);
  });
});
