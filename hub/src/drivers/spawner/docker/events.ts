import type Docker from 'dockerode';
import { setTimeout as sleep } from 'node:timers/promises';
import { Loop } from '../../../platform/loop.ts';
import type { Logger } from '../../../platform/log.ts';
import { LABEL } from './settings.ts';

/** A stream without end is opened anew after this, in case it died without a word. */
const STREAM_MS = 3_600_000;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;

interface WatchOptions {
  client: Docker;
  instanceId: string;
  log: Logger;
  onHint: () => void;
}

/**
 * Calls `onHint` for each event of this hub's containers, and after each reconnect, since events may have been missed.
 * Connects again by itself, waiting longer each time the engine does not answer. Returns what ends it.
 */
export function watchEvents({ client, instanceId, log, onHint }: WatchOptions): () => void {
  let wait = FIRST_WAIT_MS;
  const loop = new Loop({
    name: 'engine events',
    everyMs: FIRST_WAIT_MS,
    timeoutMs: STREAM_MS,
    log,
    run: async (signal) => {
      try {
        const stream = await client.getEvents({
          filters: { type: ['container'], label: [`${LABEL.instance}=${instanceId}`] },
          abortSignal: signal,
        });
        wait = FIRST_WAIT_MS;
        onHint();
        for await (const chunk of stream) if (tellsOfChange(String(chunk))) onHint();
      } catch (error) {
        if (signal.aborted) return;
        await sleep(wait, undefined, { signal }).catch(() => undefined);
        wait = Math.min(wait * 2, MAX_WAIT_MS);
        throw error;
      }
    },
  });
  loop.start();
  return () => void loop.stop();
}

/** Commands that run inside (by a person or a health check) change nothing that list() shows. */
function tellsOfChange(chunk: string): boolean {
  return chunk.split('\n').some((line) => line.trim() !== '' && !/"Action":"exec/.test(line));
}
