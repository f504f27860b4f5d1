import type { ApiRouter } from '../../platform/http.ts';
import { Accounts } from './accounts.ts';
import { createContext } from './context.ts';
import { Importer } from './importer.ts';
import { People } from './people.ts';
import type { UsersDomainOptions } from './ports.ts';
import { bindUserRoutes } from './routes.ts';
import { UsersService } from './service.ts';
import { Setup } from './setup.ts';

export type { Accounts, Proven } from './accounts.ts';
export type { Guard } from './passwords.ts';
export type { People } from './people.ts';
export type { EndCredentials, OnDeleted, UsersDomainOptions } from './ports.ts';

/** What this domain gives to the others. */
export interface UsersDomain {
  service: UsersService;
  /** For domains that need to know who somebody is and what the person may use. */
  people: People;
  /** For the sessions domain: proving who one is, registering, links. */
  accounts: Accounts;
  /** For boot: how the hub gets its first admin. */
  setup: Setup;
  /** Deletes one-time links whose time is over. */
  removeExpired(now: Date): Promise<void>;
  routes(api: ApiRouter): void;
}

/** People: accounts, roles, quotas, one-time links. */
export function createUsersDomain(options: UsersDomainOptions): UsersDomain {
  const context = createContext(options);
  const service = new UsersService(context);
  return {
    service,
    people: new People(context.store, options),
    accounts: new Accounts(context),
    setup: new Setup(context),
    removeExpired: (now) => context.linkStore.removeExpired(now),
    routes: (api) => {
      bindUserRoutes(api, service, new Importer(service, context.store));
    },
  };
}
