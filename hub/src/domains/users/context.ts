import type { ChangeEvent } from '@davit/contract';
import type { Transaction } from '../../platform/db.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import { LinkStore } from './linkStore.ts';
import { Links } from './links.ts';
import { Passwords } from './passwords.ts';
import type { UsersDomainOptions } from './ports.ts';
import { UserStore } from './store.ts';

/** What the services of this domain share. */
export interface UsersContext extends UsersDomainOptions {
  store: UserStore;
  linkStore: LinkStore;
  links: Links;
  passwords: Passwords;
}

/** The parts that the services of people share. */
export function createContext(options: UsersDomainOptions): UsersContext {
  const linkStore = new LinkStore(options.db);
  return {
    ...options,
    store: new UserStore(options.db),
    linkStore,
    links: new Links(linkStore, options.clock, options.publicUrl),
    passwords: new Passwords(),
  };
}

/** Ends sessions, tokens and links of a person inside `tx`; the events are for after the commit. */
export async function endAll(context: UsersContext, userId: string, tx: Transaction): Promise<ChangeEvent[]> {
  const events: ChangeEvent[] = [];
  for (const end of context.endCredentials) events.push(...(await end(userId, tx)));
  await context.linkStore.removeOf(userId, tx);
  return events;
}

/** Tells of a committed change of a person, and of what ended with it. */
export function emitChanged(context: UsersContext, userId: string, events: readonly ChangeEvent[] = []): void {
  const audience = { userIds: [userId] };
  for (const event of events) context.bus.emit(event, audience);
  context.bus.emit({ type: 'user', id: userId, version: nextVersion() }, audience);
}
