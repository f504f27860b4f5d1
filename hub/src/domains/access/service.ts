import { requireScope, type Actor, type LookUp, type Via } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { hashSecret, randomSecret } from '../../platform/random.ts';
import type { LoginCache } from './loginCache.ts';
import type { Origins } from './origins.ts';
import type { AccessStore, Grant } from './store.ts';

/** Tells who a session or token stands for now; undefined when it has ended or its user is not active. */
export type FindActor = (via: Via, how?: LookUp) => Promise<Actor | undefined>;

export interface AccessServiceOptions {
  clock: Clock;
  origins: Origins;
  store: AccessStore;
  cache: LoginCache;
  findActor: FindActor;
}

/** Where a link shall lead; `language` is the one in which the person reads the proxy's own pages. */
export interface LinkWish {
  serverId: string;
  path: string;
  language?: string;
}

const CODE_LIFE_MS = 30_000;
/** A login ends with its session or token; this only bounds how long a forgotten one lies in the database. */
const LOGIN_LIFE_MS = 30 * 24 * 3_600_000;
const SECRET = /^[\w-]{43}$/;
/** One slash, then printable ASCII without a backslash: browsers read `//host` and `/\host` as another host. */
const LOCAL_PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;
const MAX_PATH_LENGTH = 4_000;

/** Lets people from the hub into their servers, which live on other hosts with cookies of their own. */
export class AccessService {
  readonly #options: AccessServiceOptions;

  constructor(options: AccessServiceOptions) {
    this.#options = options;
  }

  /**
   * A single-use link, good for 30 s, that signs the actor in on the server's host and ends at `path` (below the
   * server's root, as `/jupyterlab/`). The caller has checked that the server is the actor's; the proxy checks again.
   * From inside the server it is the plain address: the person's browser is in already, and a code would let scripts of
   * somebody else's notebook bring in another browser for as long as the session lasts.
   */
  async issueLink(actor: Actor, { serverId, path, language }: LinkWish): Promise<string> {
    requireScope(actor, 'servers');
    if (path.length > MAX_PATH_LENGTH || !LOCAL_PATH.test(path)) {
      throw new AppError('bad-request', 'The path to open must begin with one slash and hold no spaces.', {
        fields: [{ path: 'path', message: 'must be a path on the server' }],
      });
    }
    const { origins, store, clock } = this.#options;
    const root = origins.serverOrigin(serverId) + origins.basePath(serverId);
    if (actor.server !== undefined || actor.via.kind === 'server') return root + path;
    const code = randomSecret();
    await store.insertCode({
      codeHash: hashSecret(code),
      userId: actor.userId,
      via: { kind: actor.via.kind, id: actor.via.id },
      serverId,
      host: origins.serverHost(serverId),
      path,
      expiresAt: new Date(clock.now().getTime() + CODE_LIFE_MS),
    });
    return `${root}/api/davit/v1/enter?code=${code}${language === undefined ? '' : `&language=${language}`}`;
  }

  /**
   * Trades a code for the server's own cookie. Of several concurrent calls one succeeds. Undefined for a code that is
   * unknown, used, expired, of another server, or whose session or token has ended.
   */
  async redeem(code: string, serverId: string): Promise<{ setCookie: string; location: string } | undefined> {
    if (!SECRET.test(code)) return undefined;
    const { origins, store, clock } = this.#options;
    const now = clock.now();
    // One statement decides who of several gets the code. No transaction around the rest: it would hold a connection
    // while `findActor` waits for another. A code lost to a crash in between costs one more click.
    const grant = await store.useCode({
      codeHash: hashSecret(code),
      serverId,
      host: origins.serverHost(serverId),
      now,
    });
    if (grant === undefined || !(await this.isAlive(grant.via, grant.userId))) return undefined;
    const secret = randomSecret();
    const expiresAt = new Date(now.getTime() + LOGIN_LIFE_MS);
    await store.insertLogin({ ...grant, secretHash: hashSecret(secret), expiresAt });
    return {
      setCookie: origins.serverCookie(serverId, secret),
      location: `${origins.serverOrigin(serverId)}${origins.basePath(serverId)}${grant.path}`,
    };
  }

  /** Who the cookie of a server stands for; synchronous when it was asked within the last 5 s. */
  verify(secret: string, serverId: string): Grant | undefined | Promise<Grant | undefined> {
    const grant = this.#options.cache.get(secret);
    if (grant instanceof Promise) return grant.then((loaded) => this.#ofServer(loaded, serverId));
    return this.#ofServer(grant, serverId);
  }

  /** Whether the session or token is still good for that user, asked of the database. Counts as use unless it is quiet. */
  async isAlive(via: Actor['via'], userId: string, how?: LookUp): Promise<boolean> {
    return (await this.actorOf(via, how))?.userId === userId;
  }

  /** Who a session or token stands for now; undefined when it has ended. Counts as use unless it is quiet. */
  async actorOf(via: Actor['via'], how?: LookUp): Promise<Actor | undefined> {
    return via.kind === 'server' ? undefined : this.#options.findActor({ kind: via.kind, id: via.id }, how);
  }

  /** Deletes what has expired. Logins of ended sessions lie until then, of no use to anybody. */
  async cleanUp(now: Date): Promise<void> {
    await this.#options.store.deleteExpired(now);
  }

  #ofServer(grant: Grant | undefined, serverId: string): Grant | undefined {
    if (grant?.serverId !== serverId) return undefined;
    return grant.host === this.#options.origins.serverHost(serverId) ? grant : undefined;
  }
}

/** Reads the login of a cookie and checks that its session or token still lives. */
export function loginLoader(
  store: AccessStore,
  findActor: FindActor,
  clock: Clock,
): (secret: string) => Promise<Grant | undefined> {
  return async (secret) => {
    if (!SECRET.test(secret)) return undefined;
    const grant = await store.findLogin(hashSecret(secret), clock.now());
    if (grant === undefined) return undefined;
    return (await findActor(grant.via))?.userId === grant.userId ? grant : undefined;
  };
}
