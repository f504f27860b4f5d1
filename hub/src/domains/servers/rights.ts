import { isAdmin, mayTouch, type Actor } from '../../platform/auth.ts';
import { AppError } from '../../platform/errors.ts';
import type { ServerRow } from './model.ts';
import type { People } from './ports.ts';

/** What somebody wants to do with a server. */
export type Deed = 'see' | 'stop' | 'delete' | 'logs' | 'use' | 'save' | 'keep';

/**
 * Who may do what: the owner all; an admin everything but use it (start, reset, open, save); a teacher of the owner sees and
 * stops. Whoever may not even see it is told that it does not exist; so is an actor inside another server.
 */
export async function requireRight(
  actor: Actor,
  row: ServerRow | undefined,
  deed: Deed,
  people: People,
): Promise<void> {
  if (row === undefined || !mayTouch(actor, row.id)) throw notFound();
  if (actor.server !== undefined && row.ownerId !== actor.userId) throw notFound();
  if (row.ownerId === actor.userId) return;
  const visible = await people.visibleTo(actor);
  if (visible !== 'all' && !visible.includes(row.ownerId)) throw notFound();
  if (deed === 'see' || deed === 'stop') return;
  if (deed !== 'use' && deed !== 'save' && isAdmin(actor)) return;
  throw new AppError('forbidden', REFUSALS[deed]);
}

const REFUSALS: Record<'delete' | 'logs' | 'use' | 'save' | 'keep', string> = {
  delete: 'Only its owner or an admin may delete this server. You may stop it.',
  logs: 'Only its owner or an admin may read the logs of this server.',
  use: 'Only its owner may start, reset or open this server.',
  save: 'Only its owner may save this server as an image.',
  keep: 'Only its owner or an admin may decide when this server is released. You may release it now.',
};

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
