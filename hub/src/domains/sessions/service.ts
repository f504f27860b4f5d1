import type {
  ChangeEvent,
  changePassword,
  Me,
  Page,
  PageQuery,
  Quota,
  redeemLink,
  register,
  RouteInput,
  Session,
  SignIn,
  User,
} from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import { hashSecret, randomId, randomSecret } from '../../platform/random.ts';
import type { CurrentSettings } from '../settings/index.ts';
import type { Accounts, EndCredentials, People, Proven } from '../users/index.ts';
import type { SignInLimits } from './limits.ts';
import { toSession, type SessionRow } from './model.ts';
import type { SessionSource } from './source.ts';
import type { EndedSession, SessionStore } from './store.ts';

/** More sign-ins of one person push out the ones used longest ago; a script that signs in each minute never fills the table. */
const MAX_SESSIONS = 500;

/** Where a request comes from; `actor` when it already carried a credential. */
export interface Visitor {
  address: string;
  userAgent: string;
  actor: Actor | undefined;
}

/** A new session. `secret` goes into the cookie and is kept nowhere. */
export interface OpenedSession {
  user: User;
  expiresAt: Date;
  secret: string;
}

export interface SessionsServiceOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  store: SessionStore;
  source: SessionSource;
  accounts: Accounts;
  people: Pick<People, 'find'>;
  settings: CurrentSettings;
  limits: SignInLimits;
  /** Ends all API tokens of a person inside the transaction. */
  endTokens: EndCredentials;
  /** What of the quota the person's servers use. */
  usedBy: (userId: string) => Promise<Quota>;
}

/** Signing in and out. */
export class SessionsService {
  readonly #options: SessionsServiceOptions;

  constructor(options: SessionsServiceOptions) {
    this.#options = options;
  }

  /** Signs in. One answer for an unknown name, a wrong password and an inactive account: which it was helps a guesser. */
  async signIn({ name, password }: SignIn, visitor: Visitor): Promise<OpenedSession> {
    const { accounts, limits } = this.#options;
    const attempt = { name, address: visitor.address };
    const guard = limits.guard(attempt);
    // Asked before the queue as well: who is over the limit must not keep others waiting in it.
    await guard.check();
    const proven = await accounts.prove(name, password, guard);
    if (proven === undefined) throw refused();
    await limits.succeeded(attempt);
    return this.#open(proven, visitor);
  }

  /** Creates the visitor's own account where the settings allow it, and signs in. */
  async register(input: RouteInput<typeof register>['body'], visitor: Visitor): Promise<OpenedSession> {
    const { selfRegistration } = await this.#options.settings.current();
    if (!selfRegistration) {
      throw new AppError('forbidden', 'This hub does not let people create accounts themselves. Ask an admin for one.');
    }
    await this.#options.limits.registering(visitor.address);
    return this.#open(await this.#options.accounts.register(input), visitor);
  }

  /** Uses a one-time link up and signs in. */
  async redeem(input: RouteInput<typeof redeemLink>['body'], visitor: Visitor): Promise<OpenedSession> {
    return this.#open(await this.#options.accounts.redeem(input), visitor);
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<Session>> {
    const page = await this.#options.store.list(actor.userId, this.#options.clock.now(), query);
    return { ...page, items: page.items.map((row) => toSession(row, actor.via.id)) };
  }

  /** Ends one of the actor's own sessions. */
  async remove(actor: Actor, id: string): Promise<void> {
    if (!(await this.#options.store.remove(id, actor.userId))) {
      throw new AppError('not-found', 'You have no such session, or not any more.');
    }
    this.#emitChanged([{ id, userId: actor.userId }]);
  }

  /** Ends the session the actor came with. */
  async removeCurrent(actor: Actor): Promise<void> {
    if (actor.via.kind === 'token') {
      throw new AppError('bad-request', 'This request came with an API token, which has no session. Revoke the token.');
    }
    await this.#options.store.remove(actor.via.id, actor.userId);
    this.#emitChanged([{ id: actor.via.id, userId: actor.userId }]);
  }

  /** Ends all sessions of the actor. */
  async removeAll(actor: Actor): Promise<void> {
    this.#emitChanged(await this.#options.store.removeOf(actor.userId));
  }

  /** Who the actor is, with which rights, and what of the quota is used. */
  async me(actor: Actor): Promise<Me> {
    const { accounts, people, usedBy } = this.#options;
    const [user, person, used] = await Promise.all([
      accounts.find(actor.userId),
      people.find(actor.userId),
      usedBy(actor.userId),
    ]);
    if (user === undefined || person === undefined) throw new AppError('unauthenticated', 'Sign in first.');
    const scopes = [...actor.scopes].filter((scope) => scope !== 'admin' || actor.role === 'admin');
    return { user, scopes, quota: { limit: person.quota, used } };
  }

  /**
   * Changes the actor's password. The actor's other sessions and all API tokens end with it: whoever knew the old password
   * may have made some of them. Guessing counts as at the sign-in.
   */
  async changePassword(
    actor: Actor,
    input: RouteInput<typeof changePassword>['body'],
    { address }: Visitor,
  ): Promise<void> {
    const { accounts, limits, store, endTokens, bus } = this.#options;
    const ended: EndedSession[] = [];
    const endedTokens: ChangeEvent[] = [];
    await accounts.changePassword(actor.userId, input, {
      guard: limits.guard({ name: actor.name, address }),
      within: async (tx) => {
        ended.push(...(await store.removeOf(actor.userId, tx, actor.via.id)));
        endedTokens.push(...(await endTokens(actor.userId, tx)));
      },
    });
    this.#emitChanged(ended);
    for (const event of endedTokens) bus.emit(event, { userIds: [actor.userId] });
  }

  /** Deletes what is over and tells those whose live sockets hang on it. */
  async removeExpired(now: Date): Promise<void> {
    this.#emitChanged(await this.#options.store.removeExpired(now));
  }

  async #open(proven: Proven, visitor: Visitor): Promise<OpenedSession> {
    const { db, source, clock, accounts } = this.#options;
    const secret = randomSecret();
    const now = clock.now();
    const row: SessionRow = {
      id: randomId(),
      secretHash: hashSecret(secret),
      userId: proven.user.id,
      userAgent: visitor.userAgent.slice(0, 300),
      createdAt: now,
      lastSeenAt: now,
      expiresAt: await source.endAfter(now),
    };
    const pushedOut = await db.transaction((tx) => this.#insert(row, proven, visitor, tx));
    await accounts.seen(row.userId, now);
    this.#emitChanged(pushedOut);
    this.#emitChanged([row]);
    return { user: proven.user, expiresAt: row.expiresAt, secret };
  }

  /** Puts the session in under the person's lock, in place of the one this browser had. */
  async #insert(row: SessionRow, proven: Proven, visitor: Visitor, tx: Transaction): Promise<EndedSession[]> {
    const { store, accounts } = this.#options;
    if (!(await accounts.stillProven(proven, tx))) throw refused();
    const ended = await store.removeOldest(row.userId, MAX_SESSIONS - 1, tx);
    if (visitor.actor?.via.kind === 'session') {
      const { userId, via } = visitor.actor;
      if (await store.remove(via.id, userId, tx)) ended.push({ id: via.id, userId });
    }
    await store.insert(row, tx);
    return ended;
  }

  #emitChanged(sessions: readonly EndedSession[]): void {
    for (const { id, userId } of sessions) {
      this.#options.bus.emit({ type: 'session', id, version: nextVersion() }, { userIds: [userId] });
    }
  }
}

function refused(): AppError {
  return new AppError(
    'unauthenticated',
    'The name or the password is not right, or the account is not active. Try again, or ask an admin.',
  );
}
