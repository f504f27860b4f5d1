import type { Bus } from '../../platform/bus.ts';
import type { ServerPatch, ServerRow } from './model.ts';
import type { ServerStore } from './store.ts';
import type { Targets } from './targets.ts';

/** Somebody changed the row first; whoever planned with the older one has to plan anew. */
export class Overtaken extends Error {}

/** Tells the proxy and the front ends of changed rows. To be called after commit. */
export class Publisher {
  readonly #bus: Bus;
  readonly #targets: Targets;

  constructor(bus: Bus, targets: Targets) {
    this.#bus = bus;
    this.#targets = targets;
  }

  /** For rows that somebody else changed and told of. */
  remember(row: ServerRow): void {
    this.#targets.put(row);
  }

  /**
   * This hub knows something new that no row holds, such as which editors are ready. Other hubs find it out by themselves,
   * but a page that is connected to one of them may have been answered by this one, before it knew.
   */
  publishLive(serverId: string): void {
    const row = this.#targets.row(serverId);
    if (row === undefined) return;
    this.#bus.emit({ type: 'server', id: row.id, version: row.version }, { userIds: [row.ownerId] });
  }

  publish(row: ServerRow): void {
    this.remember(row);
    this.#bus.emit({ type: 'server', id: row.id, version: row.version }, { userIds: [row.ownerId] });
  }
}

/** Writes one row several times in a row, each time on top of the own last version. */
export class RowWriter {
  readonly #store: ServerStore;
  readonly #publisher: Publisher;
  #row: ServerRow;
  #offered: ServerPatch | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: ServerStore, publisher: Publisher, row: ServerRow) {
    this.#store = store;
    this.#publisher = publisher;
    this.#row = row;
  }

  get row(): ServerRow {
    return this.#row;
  }

  /** Writes after what is being written; throws Overtaken when somebody else changed the row. */
  write(patch: ServerPatch): Promise<ServerRow> {
    this.#offered = undefined;
    const written = this.#last.then(() => this.#update(patch));
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Writes soon, unless something newer comes first. Never throws: progress that is not told is no failure. */
  offer(patch: ServerPatch): void {
    const idle = this.#offered === undefined;
    this.#offered = patch;
    if (!idle) return;
    this.#last = this.#last
      .then(async () => {
        const newest = this.#offered;
        this.#offered = undefined;
        if (newest !== undefined) await this.#update(newest);
      })
      .catch(() => undefined);
  }

  async #update(patch: ServerPatch): Promise<ServerRow> {
    const updated = await this.#store.update(this.#row, patch);
    if (updated === undefined) throw new Overtaken();
    this.#row = updated;
    this.#publisher.publish(updated);
    return updated;
  }
}
