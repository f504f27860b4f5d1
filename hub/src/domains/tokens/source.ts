import type { LookUp } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Credential, CredentialKey, CredentialSource } from '../../platform/credential.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { LiveToken, TokenStore } from './store.ts';

/** Use is noted at most so often: a script may call many times a second and each note is a write. */
const TOUCH_MS = 60_000;

/** API tokens as credentials. Role and activity are the person's of this moment, scopes the token's. */
export class TokenSource implements CredentialSource {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(store: TokenStore, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  async find(key: CredentialKey, { quiet = false }: LookUp = {}): Promise<Credential | undefined> {
    const now = this.#clock.now();
    const token = await this.#store.findLive(key, now);
    if (token === undefined) return undefined;
    if (!quiet) await this.#touch(token, now);
    return {
      actor: {
        userId: token.userId,
        name: token.name,
        role: token.role,
        scopes: new Set(token.scopes),
        via: { kind: 'token', id: token.id },
      },
      expiresAt: token.expiresAt ?? undefined,
    };
  }

  /** A note that cannot be written refuses nobody; the next use tries again. */
  async #touch({ id, lastUsedAt }: LiveToken, now: Date): Promise<void> {
    if (lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < TOUCH_MS) return;
    try {
      await this.#store.touch(id, now);
    } catch (error) {
      this.#log.warn({ credential: id, error: messageOf(error) }, 'use of an API token was not noted');
    }
  }
}
