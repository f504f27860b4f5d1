import type { Bus } from '../../platform/bus.ts';
import type { ServerRow } from './model.ts';
import type { Publisher } from './rows.ts';
import type { ServerStore } from './store.ts';
import type { Targets } from './targets.ts';

interface ElsewhereOptions {
  bus: Bus;
  store: Pick<ServerStore, 'all' | 'findMany'>;
  publisher: Pick<Publisher, 'remember'>;
  targets: Pick<Targets, 'ids'>;
  /** Something has changed elsewhere: whoever keeps or acts on it has to look. */
  wake: () => void;
}

/** Servers that another hub on the same database has changed: their rows are read anew, because hints carry no truth. */
export class Elsewhere {
  readonly #options: ElsewhereOptions;
  #changed = new Set<string>();
  #all = false;

  constructor(options: ElsewhereOptions) {
    this.#options = options;
  }

  /** Begins to listen; returns what ends it. */
  start(): () => void {
    const { bus, wake } = this.#options;
    return bus.subscribe(
      ({ event, elsewhere }) => {
        if (event.type !== 'server' || elsewhere !== true) return;
        this.#changed.add(event.id);
        wake();
      },
      () => {
        this.#all = true;
        wake();
      },
    );
  }

  /** Has all rows read anew by the next takeIn(). */
  expectAll(): void {
    this.#all = true;
  }

  /** Reads what has changed since the last call; what fails is read by the next one. */
  async takeIn(): Promise<void> {
    const [changed, all] = [this.#changed, this.#all];
    this.#changed = new Set();
    this.#all = false;
    try {
      for (const row of await this.#rows([...changed], all)) this.#options.publisher.remember(row);
    } catch (error) {
      for (const id of changed) this.#changed.add(id);
      if (all) this.#all = true;
      throw error;
    }
  }

  /** With those that are known here: one that was deleted elsewhere is in no list of what is there. */
  async #rows(changed: readonly string[], all: boolean): Promise<ServerRow[]> {
    const { store, targets } = this.#options;
    if (!all) return store.findMany(changed);
    return [...(await store.all()), ...(await store.findMany(targets.ids))];
  }
}
