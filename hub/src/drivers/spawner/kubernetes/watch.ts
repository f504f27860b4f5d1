import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../platform/log.ts';
import { Loop } from '../../../platform/loop.ts';
import { KubeError } from './errors.ts';
import type { KubeApi } from './kubeApi.ts';
import type { WatchTiming } from './settings.ts';
import type { List, WatchEvent } from './wire.ts';

/** The API server ends each watch after so long, so that watches spread over its replicas again. */
const STREAM_S = 300;

interface WatchOptions {
  api: Pick<KubeApi, 'call' | 'lines'>;
  /** Path of the list that is watched. */
  path: string;
  labelSelector: string;
  timing: WatchTiming;
  log: Logger;
  onHint: () => void;
}

/**
 * Calls `onHint` for each event of the selected objects, after each reconnect since events may have been missed, and at
 * least once per `relist`. A watch that is too old, cut or silent is opened anew from now; one that is refused or ends at
 * once after growing waits, for each try costs the cluster a list and the hub a look. Returns what ends it.
 */
export function watchObjects(options: WatchOptions): () => void {
  const { timing, log, onHint } = options;
  let wait = timing.wait;
  const loop = new Loop({
    name: 'cluster events',
    everyMs: timing.wait,
    timeoutMs: STREAM_S * 2000,
    log,
    run: async (signal) => {
      try {
        await followOnce(options, signal, () => (wait = timing.wait));
      } catch (error) {
        if (signal.aborted) return;
        const asked = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0;
        const pause = wait * (0.5 + Math.random() / 2) + Math.min(asked, timing.maxWait);
        wait = Math.min(wait * 2, timing.maxWait);
        await sleep(pause, undefined, { signal }).catch(() => undefined);
        throw error;
      }
    },
  });
  const relist = new Loop({
    name: 'cluster relist',
    everyMs: timing.relist,
    log,
    run: () => {
      onHint();
      return Promise.resolve();
    },
  });
  loop.start();
  relist.start();
  return () => void Promise.all([loop.stop(), relist.stop()]);
}

/** One watch from now until it ends; `onGood` is called once it told something or lived for a while. Rejects if it did neither. */
async function followOnce(
  { api, path, labelSelector, timing, onHint }: WatchOptions,
  signal: AbortSignal,
  onGood: () => void,
): Promise<void> {
  const silence = new AbortController();
  const bound = AbortSignal.any([signal, silence.signal]);
  let [timer, settled]: (NodeJS.Timeout | undefined)[] = [];
  const watch = { isGood: false };
  const good = (): void => {
    if (!watch.isGood) onGood();
    watch.isGood = true;
  };
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error('The watch of the cluster fell silent.')), timing.silent);
  };
  try {
    heard();
    const { metadata } = await api.call<List<unknown>>('GET', path, {
      query: { labelSelector, limit: 1 },
      signal: bound,
    });
    onHint();
    const query = {
      watch: true,
      labelSelector,
      resourceVersion: metadata?.resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds: STREAM_S,
    };
    settled = setTimeout(good, timing.settled);
    for await (const line of api.lines(path, { query, signal: bound })) {
      heard();
      const change = isChange(line);
      good();
      if (change) onHint();
    }
    if (!watch.isGood) throw new Error('The watch of the cluster ended at once.');
  } finally {
    clearTimeout(timer);
    clearTimeout(settled);
  }
}

/** False for bookmarks. Throws what an ERROR event says, such as 410 when the watch's beginning is too old. */
function isChange(line: string): boolean {
  if (line.trim() === '') return false;
  const { type, object } = JSON.parse(line) as WatchEvent;
  if (type === 'ERROR') throw new KubeError(object.code ?? 500, 'WatchError', object.message ?? 'The watch failed.');
  return type !== 'BOOKMARK';
}
