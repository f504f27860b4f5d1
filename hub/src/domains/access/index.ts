import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db.ts';
import { LoginCache } from './loginCache.ts';
import type { Origins } from './origins.ts';
import { AccessService, loginLoader, type FindActor } from './service.ts';
import { AccessStore } from './store.ts';

export { createOrigins, type Origins } from './origins.ts';
export { LoginCache } from './loginCache.ts';
export type { AccessService, FindActor } from './service.ts';
export type { Grant } from './store.ts';

export interface AccessDomainOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  origins: Origins;
  /** From the domain of sessions and tokens. A login on a server counts as use of its session. */
  findActor: FindActor;
}

const ENDS_LOGINS = new Set(['session', 'token', 'user', 'server']);

/** Sign-in on the servers' own hosts: single-use links, cookies, and their quick verification. */
export function createAccessDomain({ db, bus, clock, origins, findActor }: AccessDomainOptions): {
  service: AccessService;
  dispose: () => void;
} {
  const store = new AccessStore(db);
  const cache = new LoginCache({ clock, load: loginLoader(store, findActor, clock) });
  const dispose = bus.subscribe(
    ({ event }) => {
      if (ENDS_LOGINS.has(event.type)) cache.invalidate(event);
    },
    () => cache.clear(),
  );
  return { service: new AccessService({ clock, origins, store, cache, findActor }), dispose };
}
