import { scopeSchema, type Scope } from '@davit/contract';
import type { LookUp } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Credential, CredentialKey, CredentialSource } from '../../platform/credential.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { CurrentSettings } from '../settings/index.ts';
import type { Accounts } from '../users/index.ts';
import type { LiveSession, SessionStore } from './store.ts';

/** Use is noted at most so often: a page asks many times a minute and each note is a write. */
const TOUCH_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Who signs in with a password has every right of the role. */
const ALL_SCOPES: ReadonlySet<Scope> = new Set(scopeSchema.options);

interface SessionSourceOptions {
  store: SessionStore;
  accounts: Pick<Accounts, 'seen'>;
  settings: CurrentSettings;
  clock: Clock;
  log: Logger;
}

/** Sessions as credentials. A session lives on while it is used: each use moves its end. */
export class SessionSource implements CredentialSource {
  readonly #options: SessionSourceOptions;

  constructor(options: SessionSourceOptions) {
    this.#options = options;
  }

  async find(key: CredentialKey, { quiet = false }: LookUp = {}): Promise<Credential | undefined> {
    const now = this.#options.clock.now();
    const session = await this.#options.store.findLive(key, now);
    if (session === undefined) return undefined;
    const expiresAt = quiet ? session.expiresAt : await this.#touch(session, now);
    return {
      actor: {
        userId: session.userId,
        name: session.name,
        role: session.role,
        scopes: ALL_SCOPES,
        via: { kind: 'session', id: session.id },
      },
      expiresAt,
    };
  }

  /** When a session that is used at `now` ends. */
  async endAfter(now: Date): Promise<Date> {
    const { sessionHours } = await this.#options.settings.current();
    return new Date(now.getTime() + sessionHours * HOUR_MS);
  }

  /** A note that cannot be written costs nobody the sign-in; the next use tries again. */
  async #touch(session: LiveSession, now: Date): Promise<Date> {
    if (now.getTime() - session.lastSeenAt.getTime() < TOUCH_MS) return session.expiresAt;
    try {
      const expiresAt = await this.endAfter(now);
      await this.#options.store.touch(session.id, now, expiresAt);
      await this.#options.accounts.seen(session.userId, now);
      return expiresAt;
    } catch (error) {
      this.#options.log.warn({ session: session.id, error: messageOf(error) }, 'use of a session was not noted');
      return session.expiresAt;
    }
  }
}
