import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../../platform/log.ts';
import { eventually } from '../conformance.ts';
import { KubeError } from './errors.ts';
import type { KubeApi } from './kubeApi.ts';
import { watchObjects } from './watch.ts';

type Lines = (signal: AbortSignal) => AsyncGenerator<string>;

const EVENT = JSON.stringify({ type: 'MODIFIED', object: {} });
const BOOKMARK = JSON.stringify({ type: 'BOOKMARK', object: {} });

/** Resolves never, rejects when the signal aborts. */
const silence = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

/** Runs a watch on an API whose watches are these, the last again and again; counts hints and opened watches. */
function watching(watches: Lines[], relist = 60_000) {
  const seen = { hints: 0, opened: 0, from: [] as unknown[] };
  let version = 0;
  const api = {
    call: () => Promise.resolve({ metadata: { resourceVersion: String((version += 1)) }, items: [] }),
    lines: (_path: string, { query, signal }: { query: { resourceVersion?: unknown }; signal: AbortSignal }) => {
      seen.opened += 1;
      seen.from.push(query.resourceVersion);
      const next = watches.length > 1 ? watches.shift() : watches[0];
      return (next as Lines)(signal);
    },
  };
  const end = watchObjects({
    api: api as unknown as KubeApi,
    path: '/pods',
    labelSelector: 'a=b',
    timing: { relist, silent: 200, wait: 5, maxWait: 20 },
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
    const { seen, end } = watching([forever], 20);
    await eventually(() => Promise.resolve(seen.hints > 5 || undefined));
    end();
    const { hints } = seen;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.hints).toBe(hints);
  });
});
