import type { Actor } from '../../platform/auth.ts';
import { AppError } from '../../platform/errors.ts';
import { ImageJobFailed, type SavableServer, type ServerSaver } from '../images/index.ts';
import type { People } from './ports.ts';
import { requireServer } from './rights.ts';
import { SpawnRefused, type Spawner } from './spawner.ts';
import type { ServerStore } from './store.ts';

interface SavingOptions {
  store: ServerStore;
  people: People;
  spawner: Spawner;
}

/** Long enough to look through a home of a million files; what takes longer is told as not known. */
const MEASURE_MS = 10_000;
/** No save takes longer: hours of copying are a disk that hangs. */
export const SAVE_MS = 6 * 3600_000;
const CLEAN_MS = 15 * 60_000;

/** What the domain that keeps images asks of servers when one is saved. */
export function createServerSaver({ store, people, spawner }: SavingOptions): ServerSaver {
  return {
    savable: async (actor: Actor, serverId: string): Promise<SavableServer> => {
      const row = await requireServer(actor, serverId, 'save', { store, people });
      const { id, name, ownerId, imageId, engineId } = row;
      if (row.phase !== 'running' || engineId === null) {
        throw new AppError(
          'conflict',
          'Only a running server can be saved. Start it, and what you want to keep in it.',
        );
      }
      return { id, name, ownerId, imageId, engineId };
    },
    measure: ({ id, engineId }, scrub) =>
      spawner.measureChanges({ serverId: id, engineId }, scrub, AbortSignal.timeout(MEASURE_MS)),
    save: ({ id, engineId }, target, { signal, ...hooks }) => {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(SAVE_MS)]);
      return spawner
        .saveImage({ serverId: id, engineId }, target, { ...hooks, signal: bounded })
        .catch((error: unknown) => {
          throw error instanceof SpawnRefused ? new ImageJobFailed(error.message, { cause: error }) : error;
        });
    },
    discard: (target) => spawner.discardSave(target, AbortSignal.timeout(CLEAN_MS)),
    sweep: (active) => spawner.sweepSaves(active, AbortSignal.timeout(CLEAN_MS)),
  };
}
