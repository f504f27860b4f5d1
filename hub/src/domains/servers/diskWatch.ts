import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { ServerRef, Spawner } from './spawner.ts';

/** What a container has written outside of its mounts, and what it may; both in MiB. */
export interface DiskUse {
  usedMb: number;
  limitMb: number;
}

interface DiskWatchOptions {
  spawner: Pick<Spawner, 'writtenBytes'>;
  clock: Clock;
  log: Logger;
  limitMb: number;
  /** Milliseconds between two looks at one container, at the most: those that were quick are repeated sooner. */
  everyMs: number;
  /** The containers that run. */
  refs: () => readonly ServerRef[];
  /** A container's use changed by a percent or more. */
  onChange: () => void;
}

interface Watched {
  nextAt: number;
  use: DiskUse | undefined;
}

const MIB = 1024 * 1024;
/** Of the time, so much at the most goes into looks at one container: a look may walk over a million files. */
const LOOKING_SHARE = 1 / 500;
/** Nobody fills a disk in less. */
const SOONEST_MS = 5_000;

/** Looks at the writable layers of running containers, slowly and one after the other, beside the reconciler. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Whether there is a limit that the engine does not keep by itself. */
  get needed(): boolean {
    return this.#options.limitMb > 0 && this.#options.spawner.writtenBytes !== undefined;
  }

  /** Looks at those whose turn it is, and forgets those that are gone. */
  async look(signal: AbortSignal): Promise<void> {
    if (!this.needed) return;
    const { refs, clock } = this.#options;
    const running = refs();
    const ids = new Set(running.map((ref) => ref.engineId));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    for (const ref of running) {
      const watched = this.#watched.get(ref.engineId) ?? { nextAt: 0, use: undefined };
      this.#watched.set(ref.engineId, watched);
      if (watched.nextAt <= clock.now().getTime()) await this.#measure(ref, watched, signal);
    }
  }

  /** The last known use of a container; undefined while it is not known or there is no limit. */
  use(engineId: string): DiskUse | undefined {
    return this.#watched.get(engineId)?.use;
  }

  /** A failed look says nothing: what was known stays. */
  async #measure(ref: ServerRef, watched: Watched, signal: AbortSignal): Promise<void> {
    const { spawner, clock, log, limitMb, everyMs, onChange } = this.#options;
    const before = watched.use;
    const began = performance.now();
    try {
      const bytes = await spawner.writtenBytes?.(ref, signal);
      if (bytes !== undefined) watched.use = { usedMb: Math.ceil(bytes / MIB), limitMb };
    } catch (error) {
      signal.throwIfAborted();
      log.debug({ server: ref.serverId, error: messageOf(error) }, 'what a server has written is not known');
    }
    const pauseMs = Math.max(SOONEST_MS, (performance.now() - began) / LOOKING_SHARE);
    watched.nextAt = clock.now().getTime() + Math.min(everyMs, pauseMs);
    if (watched.use !== undefined && percentOf(watched.use) !== (before && percentOf(before))) onChange();
  }
}

/** Whole percent of the limit, rounded down: 100 is the limit itself. */
export function percentOf({ usedMb, limitMb }: DiskUse): number {
  return Math.floor((usedMb / limitMb) * 100);
}
