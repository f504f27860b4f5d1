import { createToken, deleteToken, listTokens } from '@davit/contract';
import type { CredentialSource } from '../../platform/credential.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { Logger } from '../../platform/log.ts';
import type { EndCredentials } from '../users/index.ts';
import { TokensService, type TokensServiceOptions } from './service.ts';
import { TokenSource } from './source.ts';
import { TokenStore } from './store.ts';

type TokensDomainOptions = Omit<TokensServiceOptions, 'store'> & { log: Logger };

/** What this domain gives to the others. */
export interface TokensDomain {
  service: TokensService;
  /** For the sessions domain: looks tokens up as credentials. */
  source: CredentialSource;
  /** For the users domain: ends all tokens of a person inside the transaction. */
  endOf: EndCredentials;
  removeExpired(now: Date): Promise<void>;
  routes(api: ApiRouter): void;
}

/** Personal API tokens. */
export function createTokensDomain({ log, ...options }: TokensDomainOptions): TokensDomain {
  const store = new TokenStore(options.db);
  const service = new TokensService({ ...options, store });
  return {
    service,
    source: new TokenSource(store, options.clock, log),
    endOf: async (userId, tx) => {
      const ended = await store.removeOf(userId, tx);
      return ended.map(({ id }) => ({ type: 'token', id, version: nextVersion() }));
    },
    removeExpired: (now) => service.removeExpired(now),
    routes: (api) => {
      api.on(listTokens, ({ query }, { actor }) => service.list(actor, query));
      api.on(createToken, ({ body }, { actor }) => service.create(actor, body));
      api.on(deleteToken, ({ params }, { actor }) => service.remove(actor, params.id));
    },
  };
}
