import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import { usageRoutes } from './routes.ts';
import { UsageService, type Groups, type People } from './service.ts';
import { UsageStore } from './store.ts';

/** What this domain gives to the hub's listeners. */
export interface UsageDomain {
  service: UsageService;
  routes(api: ApiRouter): void;
}

interface UsageDomainOptions {
  db: Database;
  people: People;
  groups: Groups;
  clock: Clock;
}

/** Who used how much, from the times of containers that the servers domain keeps. */
export function createUsageDomain({ db, ...others }: UsageDomainOptions): UsageDomain {
  const service = new UsageService({ store: new UsageStore(db), ...others });
  return { service, routes: (api) => usageRoutes(api, service) };
}
