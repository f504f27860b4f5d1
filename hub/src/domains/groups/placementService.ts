import type { GroupPlacement, Placement, PlacementOfGroup } from '@davit/contract';
import { requireAdmin, type Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Database } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import { joinPlacements, NO_HUB_PLACEMENT, requireWithin, storedPlacement } from './placement.ts';
import type { GroupStore } from './store.ts';

export interface PlacementServiceOptions {
  db: Database;
  bus: Bus;
  store: GroupStore;
  /** What the hub's settings say for all servers; undefined where they do not run on a cluster. */
  hub: Placement | undefined;
}

/** Where the servers of groups run on a cluster: an admin's matter, also in groups that a teacher made. */
export class PlacementService {
  readonly #options: PlacementServiceOptions;

  constructor(options: PlacementServiceOptions) {
    this.#options = options;
  }

  async get(actor: Actor, groupId: string): Promise<PlacementOfGroup> {
    requireAdmin(actor);
    const { hub, store } = this.#options;
    const stored = await store.placement(groupId);
    if (stored === undefined) throw notFound();
    return { applies: hub !== undefined, placement: storedPlacement(stored), hub: hub ?? NO_HUB_PLACEMENT };
  }

  /** Counts from the next start of each server on. */
  async set(actor: Actor, groupId: string, placement: GroupPlacement): Promise<PlacementOfGroup> {
    requireAdmin(actor);
    const { db, bus, store, hub } = this.#options;
    if (hub === undefined) {
      throw new AppError('conflict', 'The servers of this hub do not run on a cluster: there is nothing to place.');
    }
    requireWithin(placement, hub);
    await db.transaction(async (tx) => {
      if (!(await store.setPlacement(groupId, placement, tx))) throw notFound();
    });
    bus.emit({ type: 'group', id: groupId, version: nextVersion() }, {});
    return { applies: true, placement, hub };
  }

  /** Where a person's servers run now; undefined where there is no cluster. */
  async of(userId: string): Promise<Placement | undefined> {
    const { hub, store } = this.#options;
    return hub === undefined ? undefined : joinPlacements(await store.placementsOf(userId), hub);
  }
}

function notFound(): AppError {
  return new AppError('not-found', 'There is no such group, or not any more.');
}
