import { isAdmin, mayTouch, type Actor } from '../../platform/auth.ts';
import { AppError } from '../../platform/errors.ts';
import type { ServerRow } from './model.ts';
import type { People } from './ports.ts';
import type { ServerStore } from './store.ts';

/** What somebody wants to do with a server. */
export type Deed = 'see' | 'stop' | 'delete' | 'logs' | 'use' | 'save' | 'keep';

/**
 * The server, if the actor may do this with it. Who may do what: the owner all; an admin everything but use it (start, reset, open, save); a teacher of the owner sees and
 * stops. Whoever may not even see it is told that it does not exist; so is an actor inside another server.
 */
export async function requireServer(
  actor: Actor,
  id: string,
  deed: Deed,
  { store, people }: { store: Pick<ServerStore, 'find'>; people: People },
): Promise<ServerRow> {
  const row = await store.find(id);
  if (row?.deletedAt !== null || !mayTouch(actor, id)) throw notFound();
  if (actor.server !== undefined && row.ownerId !== actor.userId) throw notFound();
  if (row.ownerId === actor.userId) return row;
  const visible = await people.visibleTo(actor);
  if (visible !== 'all' && !visible.includes(row.ownerId)) throw notFound();
  if (deed === 'see' || deed === 'stop') return row;
  if (deed !== 'use' && deed !== 'save' && isAdmin(actor)) return row;
  throw new AppError('forbidden', REFUSALS[deed]);
}

const REFUSALS: Record<'delete' | 'logs' | 'use' | 'save' | 'keep', string> = {
  delete: 'Only its owner or an admin may delete this server. You may stop it.',
  logs: 'Only its owner or an admin may read the logs of this server.',
  use: 'Only its owner may start, reset or open this server.',
  save: 'Only its owner may save this server as an image.',
  keep: 'Only its owner or an admin may decide when this server is released. You may release it now.',
};

/** Told of a server that is not there, and to those who may not know of it. */
export function notFound(): AppError {
  return new AppError(
    'not-found',
    'There is no server with this id. It may have been deleted; look at your list of servers.',
  );
}

/** Owners whose servers a list may show: undefined is everybody. */
export async function visibleOwners(actor: Actor, people: People): Promise<readonly string[] | undefined> {
  const visible = await people.visibleTo(actor);
  return visible === 'all' ? undefined : [...new Set([actor.userId, ...visible])];
}
