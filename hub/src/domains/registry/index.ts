import { listRegistryRepositories } from '@davit/contract';
import type { Router } from 'express';
import type { ApiRouter } from '../../platform/http.ts';
import { RegistryService, type RegistryServiceOptions } from './service.ts';
import { tokenRouter } from './tokenRoute.ts';

export { nodeCredential } from './nodeCredential.ts';
export type { RegistryPort } from './registryPort.ts';

/** What this domain gives to the others and to the hub's listeners. */
export interface RegistryDomain {
  /** Where clients of the registry sign in: `/registry/token`. */
  tokenRoute: Router;
  routes(api: ApiRouter): void;
}

/** The registry of a cluster: who may pull and push what, and what lies in it. */
export function createRegistryDomain(options: RegistryServiceOptions): RegistryDomain {
  const service = new RegistryService(options);
  return {
    tokenRoute: tokenRouter(service, options.log),
    routes: (api) => {
      api.on(listRegistryRepositories, ({ query }, { actor }) => service.repositories(actor, query));
    },
  };
}
