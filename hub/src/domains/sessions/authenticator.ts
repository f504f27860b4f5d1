import type { Actor, Authenticate, LookUp, Via } from '../../platform/auth.ts';
import type { Bus, BusMessage } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Credential, CredentialKey, CredentialSource } from '../../platform/credential.ts';
import { hashSecret } from '../../platform/random.ts';
import type { SessionCookie } from './cookies.ts';

/** A change that nobody told of, such as an end by time, is seen after so long. */
const CACHE_MS = 5000;
const MAX_ENTRIES = 10_000;

/** What comes after `Bearer `: other schemes and other bearers belong to the user's apps, not to Davit. */
const BEARER = /^bearer +(davit_[A-Za-z0-9_-]{1,100}) *$/i;
const DAVIT_BEARER = /^bearer +davit_/i;

interface AuthenticatorOptions {
  sources: Record<Via['kind'], CredentialSource>;
  cookie: SessionCookie;
  clock: Clock;
  bus: Bus;
}

interface Entry {
  found: Promise<Credential | undefined>;
  /** Set once found: whom to forget when a person or credential changes. */
  credential?: Credential;
  until: number;
}

/**
 * Tells who asks, for HTTP and WebSocket alike. Answers come from memory for up to five seconds and are forgotten on the
 * spot when a session, token or person changes; refusals are never remembered.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #unsubscribe: () => void;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(
      (message) => this.#forget(message),
      () => this.#entries.clear(),
    );
  }

  /** From a bearer token of ours when there is one (a bad one is not made good by a cookie), else from the cookie. */
  readonly authenticate: Authenticate = async (headers, how) => {
    const authorization = headers['authorization'];
    if (typeof authorization === 'string' && DAVIT_BEARER.test(authorization)) {
      const secret = BEARER.exec(authorization)?.[1];
      return secret === undefined ? undefined : this.#bySecret('token', secret, how);
    }
    for (const secret of this.#options.cookie.read(headers['cookie'])) {
      const actor = await this.#bySecret('session', secret, how);
      if (actor !== undefined) return actor;
    }
    return undefined;
  };

  /** Who stands behind a session or token now, for what was derived from it, such as a server's cookie. */
  actorOf(via: Via, how?: LookUp): Promise<Actor | undefined> {
    return this.#find(via.kind, { id: via.id }, `${via.kind} ${via.id}`, how);
  }

  dispose(): void {
    this.#unsubscribe();
    this.#entries.clear();
  }

  #bySecret(kind: Via['kind'], secret: string, how?: LookUp): Promise<Actor | undefined> {
    const secretHash = hashSecret(secret);
    return this.#find(kind, { secretHash }, secretHash, how);
  }

  async #find(kind: Via['kind'], key: CredentialKey, cacheKey: string, how?: LookUp): Promise<Actor | undefined> {
    if (how?.quiet === true) return (await this.#options.sources[kind].find(key, how))?.actor;
    const now = this.#options.clock.now().getTime();
    let entry = this.#entries.get(cacheKey);
    if (entry === undefined || entry.until <= now) {
      entry = { found: this.#options.sources[kind].find(key), until: now + CACHE_MS };
      this.#remember(cacheKey, entry);
      this.#settle(cacheKey, entry);
    }
    return (await entry.found)?.actor;
  }

  #remember(cacheKey: string, entry: Entry): void {
    this.#entries.delete(cacheKey);
    this.#entries.set(cacheKey, entry);
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Keeps what was found until it ends by itself; drops refusals and failures. */
  #settle(cacheKey: string, entry: Entry): void {
    const drop = (): void => {
      if (this.#entries.get(cacheKey) === entry) this.#entries.delete(cacheKey);
    };
    entry.found.then((credential) => {
      if (credential === undefined) {
        drop();
        return;
      }
      entry.credential = credential;
      entry.until = Math.min(entry.until, credential.expiresAt?.getTime() ?? entry.until);
    }, drop);
  }

  /** A lookup still under way may have read what was true before the change, so it is not kept either. */
  #forget({ event }: BusMessage): void {
    if (event.type !== 'session' && event.type !== 'token' && event.type !== 'user') return;
    for (const [cacheKey, { credential }] of this.#entries) {
      if (credential === undefined || credential.actor.via.id === event.id || credential.actor.userId === event.id) {
        this.#entries.delete(cacheKey);
      }
    }
  }
}
