import type { Clock } from '../../platform/clock.ts';
import { admit } from './admission.ts';
import type { InventoryCache } from './inventory.ts';
import type { ServerRow } from './model.ts';
import type { CapacityPolicy } from './room.ts';
import type { Publisher } from './rows.ts';
import * as words from './reasons.ts';
import type { ServerStore } from './store.ts';

interface AdmissionOptions {
  store: ServerStore;
  publisher: Publisher;
  inventory: InventoryCache;
  policy: CapacityPolicy;
  clock: Clock;
}

/** Gives capacity and cards to queued servers, under a lock that lets one hub at a time do so. */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Answers the rows that changed: admitted ones, and waiting ones whose reason is another now. */
  async run(signal: AbortSignal): Promise<ServerRow[]> {
    const { store, inventory, publisher } = this.#options;
    const machines = await inventory.get(signal);
    const changed = await store.transaction(async (tx) => {
      await store.lockAdmission(tx);
      const [queue, holders] = [await store.queue(tx), await store.holders(tx)];
      const rows = new Map(queue.map((row) => [row.id, row]));
      const updated: (ServerRow | undefined)[] = [];
      for (const verdict of admit(queue, holders, machines, this.#options.policy)) {
        const row = rows.get(verdict.id);
        if (row === undefined) continue;
        const patch = verdict.admitted
          ? this.#admitted(verdict.gpuIds)
          : { phase: 'queued' as const, reason: verdict.reason, progress: null };
        const same = !verdict.admitted && row.phase === 'queued' && row.reason?.message === verdict.reason.message;
        // A row that changes meanwhile (its owner stops it) is left for the next tick.
        if (!same) updated.push(await store.update(row, patch, tx));
      }
      return updated.filter((row) => row !== undefined);
    });
    for (const row of changed) publisher.publish(row);
    return changed;
  }

  #admitted(gpuIds: string[]) {
    const admittedAt = this.#options.clock.now();
    return { phase: 'starting' as const, reason: words.creatingContainer(), progress: null, admittedAt, gpuIds };
  }
}
