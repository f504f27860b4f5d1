import type { Clock } from '../../platform/clock.ts';
import type { Inventory, Spawner } from './spawner.ts';

/** The machines' inventory, asked for at most once per `freshMs`: it changes by hand, not by the second. */
export class InventoryCache {
  readonly #spawner: Pick<Spawner, 'inventory'>;
  readonly #clock: Clock;
  readonly #freshMs: number;
  #known: { inventory: Inventory; at: number } | undefined;
  #asking: Promise<Inventory> | undefined;

  constructor(spawner: Pick<Spawner, 'inventory'>, clock: Clock, freshMs = 5000) {
    this.#spawner = spawner;
    this.#clock = clock;
    this.#freshMs = freshMs;
  }

  /** Rejects when the engine does not answer. */
  async get(signal: AbortSignal): Promise<Inventory> {
    const now = this.#clock.now().getTime();
    if (this.#known !== undefined && now - this.#known.at < this.#freshMs) return this.#known.inventory;
    this.#asking ??= this.#spawner.inventory(signal).finally(() => (this.#asking = undefined));
    const inventory = await this.#asking;
    this.#known = { inventory, at: now };
    return inventory;
  }

  /** The inventory for a person who waits: undefined when the engine does not answer soon. */
  async glance(): Promise<Inventory | undefined> {
    return this.get(AbortSignal.timeout(3000)).catch(() => this.#known?.inventory);
  }
}
