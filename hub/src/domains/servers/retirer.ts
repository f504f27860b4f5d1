import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { messageOf } from '../../platform/errors.ts';
import { Limit } from './limit.ts';
import type { RunRow, ServerRow } from './model.ts';
import type { Action, RunEnd } from './plan.ts';
import { Overtaken, type Publisher } from './rows.ts';
import { LOG_TAIL_LINES, type RunStore } from './runStore.ts';
import type { ObservedServer, Spawner } from './spawner.ts';
import type { ServerStore } from './store.ts';

export interface RetirerOptions {
  spawner: Spawner;
  store: ServerStore;
  runs: RunStore;
  publisher: Publisher;
  clock: Clock;
  log: Logger;
  /** Containers removed at once; a polite end may take ten seconds each. */
  width: number;
}

/** Ends containers: what is worth keeping is written first, so that a hub that dies in between loses nothing. */
export class Retirer {
  readonly #options: RetirerOptions;
  readonly #limit: Limit;

  constructor(options: RetirerOptions) {
    this.#options = options;
    this.#limit = new Limit(options.width);
  }

  /** Writes end, log and patch in one transaction, then removes exactly that container. Nothing if the row has changed. */
  async retire(action: Action & { kind: 'retire' }, signal: AbortSignal): Promise<void> {
    // Nobody may read the log of a server that is being deleted.
    const lines = action.row.desired === 'deleted' ? [] : await this.#logs(action.container, signal);
    if (await this.#record(action, lines)) await this.#remove(action.container, signal);
  }

  /** Removes a container that no row wants. Its run, if one was opened, ends now. */
  async sweep(container: ObservedServer, signal: AbortSignal): Promise<void> {
    const { runs, clock, log } = this.#options;
    log.warn({ server: container.ref.serverId, container: container.ref.engineId }, 'removing an unwanted container');
    const end = { endedAt: container.finishedAt ?? clock.now(), exitCode: container.exitCode, reason: 'unwanted' };
    await runs.close(container.ref.engineId, end);
    await this.#remove(container, signal);
  }

  async #record({ row, container, end, patch }: Action & { kind: 'retire' }, lines: string[]): Promise<boolean> {
    const { store, runs, publisher, clock } = this.#options;
    try {
      const updated = await store.transaction(async (tx) => {
        await runs.save(runOf(row, container, end), tx);
        if (lines.length > 0) {
          await runs.saveLogs({ serverId: row.id, generation: container.generation, lines, at: clock.now() }, tx);
        }
        const written = await store.update(row, patch, tx);
        if (written === undefined) throw new Overtaken();
        return written;
      });
      publisher.publish(updated);
      return true;
    } catch (error) {
      if (error instanceof Overtaken) return false;
      throw error;
    }
  }

  async #remove(container: ObservedServer, signal: AbortSignal): Promise<void> {
    const { spawner, runs, clock } = this.#options;
    await this.#limit.run(signal, () => spawner.remove(container.ref, signal));
    // Until here the end was a guess that is at most the grace time too early; an exited one told its own.
    if (container.state === 'running') await runs.setEnd(container.ref.engineId, clock.now());
  }

  /** A log that cannot be read must not keep a container alive. */
  async #logs(container: ObservedServer, signal: AbortSignal): Promise<string[]> {
    const { spawner, log } = this.#options;
    try {
      return await spawner.logs(container.ref, LOG_TAIL_LINES, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ server: container.ref.serverId, error: messageOf(error) }, 'the last log lines are lost');
      return [];
    }
  }
}

/** The run of a container of this server; without an end it goes on. */
export function runOf(row: ServerRow, container: ObservedServer, end?: RunEnd): RunRow {
  return {
    engineId: container.ref.engineId,
    serverId: row.id,
    ownerId: row.ownerId,
    generation: container.generation,
    cpu: row.cpu,
    memoryMb: row.memoryMb,
    gpu: row.gpu,
    startedAt: container.startedAt ?? null,
    endedAt: end?.endedAt ?? null,
    exitCode: end?.exitCode ?? null,
    reason: end?.reason ?? null,
  };
}
