import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/db.ts';
import type { ApiRouter } from '../../platform/http.ts';
import { usageRoutes } from './routes.ts';
import { UsageService, type People } from './service.ts';
import { UsageStore } from './store.ts';

export interface UsageDomain {
  service: UsageService;
  routes(api: ApiRouter): void;
}

/** Who used how much, from the times of containers that the servers domain keeps. */
export function createUsageDomain({ db, people, clock }: { db: Database; people: People; clock: Clock }): UsageDomain {
  const service = new UsageService({ store: new UsageStore(db), people, clock });
  return { service, routes: (api) => usageRoutes(api, service) };
}
