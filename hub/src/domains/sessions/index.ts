import type { Quota } from '@davit/contract';
import type { Actor, Authenticate, LookUp, Via } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CredentialSource } from '../../platform/credential.ts';
import type { Database } from '../../platform/db.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { Logger } from '../../platform/log.ts';
import type { CurrentSettings } from '../settings/index.ts';
import type { EndCredentials, UsersDomain } from '../users/index.ts';
import { Authenticator } from './authenticator.ts';
import { SessionCookie } from './cookies.ts';
import { SignInLimits, type LimitPoints } from './limits.ts';
import { bindSessionRoutes } from './routes.ts';
import { SessionsService } from './service.ts';
import { SessionSource } from './source.ts';
import { SessionStore } from './store.ts';

export type { SignInLimits } from './limits.ts';

interface SessionsDomainOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  users: Pick<UsersDomain, 'accounts' | 'people' | 'removeExpired'>;
  settings: CurrentSettings;
  /** API tokens, the other kind of credential. */
  tokens: { source: CredentialSource; endOf: EndCredentials; removeExpired(now: Date): Promise<void> };
  instanceId: string;
  insecureHttp: boolean;
  /** What of the quota the person's servers use. */
  usedBy: (userId: string) => Promise<Quota>;
  /** Other limits on guessing than the usual ones. */
  limits?: Partial<LimitPoints>;
}

/** What this domain gives to the others and to the hub's listeners. */
export interface SessionsDomain {
  service: SessionsService;
  /** On guessing, for whoever else lets people in. */
  limits: SignInLimits;
  /** Who asks, by cookie or `Authorization: Bearer davit_…`; for HTTP and WebSocket alike. */
  authenticate: Authenticate;
  /** Who stands behind a session or token now; undefined once it is revoked, over, or its person inactive. */
  actorOf(via: Via, how?: LookUp): Promise<Actor | undefined>;
  /** Name of the hub's own cookie, which must reach no server. */
  cookieName: string;
  /** For the users domain: ends all sessions of a person inside the transaction. */
  endOf: EndCredentials;
  /** For the tokens domain: whether the session is there, asked inside the transaction. */
  exists: SessionStore['exists'];
  /** Deletes expired sessions, links and tokens; for a loop. */
  cleanUp(now: Date): Promise<void>;
  routes(api: ApiRouter): void;
  dispose(): void;
}

/** Signing in and out, and who stands behind a request. */
export function createSessionsDomain(options: SessionsDomainOptions): SessionsDomain {
  const { db, bus, clock, log, users, settings, tokens } = options;
  const store = new SessionStore(db);
  const cookie = new SessionCookie(options.instanceId, options.insecureHttp);
  const source = new SessionSource({ store, accounts: users.accounts, settings, clock, log });
  const authenticator = new Authenticator({ sources: { session: source, token: tokens.source }, cookie, clock, bus });
  const limits = new SignInLimits(options.limits, db);
  const service = new SessionsService({
    db,
    bus,
    clock,
    store,
    source,
    accounts: users.accounts,
    people: users.people,
    settings,
    limits,
    endTokens: (userId, tx) => tokens.endOf(userId, tx),
    usedBy: options.usedBy,
  });
  return {
    service,
    limits,
    authenticate: authenticator.authenticate,
    actorOf: (via, how) => authenticator.actorOf(via, how),
    cookieName: cookie.name,
    endOf: async (userId, tx) => {
      const ended = await store.removeOf(userId, tx);
      return ended.map(({ id }) => ({ type: 'session', id, version: nextVersion() }));
    },
    exists: (id, tx) => store.exists(id, tx),
    cleanUp: async (now) => {
      await service.removeExpired(now);
      await users.removeExpired(now);
      await tokens.removeExpired(now);
      await limits.removeExpired();
    },
    routes: (api) => {
      bindSessionRoutes(api, service, cookie);
    },
    dispose: () => {
      authenticator.dispose();
    },
  };
}
