import type { Page, RegistryRepository } from '@davit/contract';
import { isAdmin, requireAdmin, type Actor, type Authenticate } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import { AppError, messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import type { SignInLimits } from '../sessions/index.ts';
import { isNodeCredential, type NodeCredential } from './nodeCredential.ts';
import type { RegistryPort, RepositoryAccess } from './registryPort.ts';
import type { Asked } from './scopes.ts';

export interface RegistryServiceOptions {
  /** Undefined: this hub has no registry. */
  registry: RegistryPort | undefined;
  /** Who stands behind an API token. */
  authenticate: Authenticate;
  /** Whether the person may use every image that lies in the repository, and there is one. */
  mayPull: (actor: Actor, repository: string) => Promise<boolean>;
  /** A wrong token counts as a wrong password of the name does. */
  limits: SignInLimits;
  instanceKey: Buffer;
  clock: Clock;
  log: Logger;
}

/** What a client of the registry says of itself and wants. */
export interface TokenRequest {
  credential: NodeCredential | undefined;
  /** Address of the client, for limits. */
  address: string;
  service: string | undefined;
  asked: readonly Asked[];
}

/** What a client gets. */
export interface RegistryTokenAnswer {
  token: string;
  expiresInS: number;
  issuedAt: Date;
}

/** Repositories of the images that come with Davit. */
const BUILT_IN = 'davit/';
/** Tags of one repository that a list tells of: each is a call of the registry. */
const MAX_TAGS = 20;

/** Signing in to the registry, and what an admin sees of it. */
export class RegistryService {
  readonly #options: RegistryServiceOptions;

  constructor(options: RegistryServiceOptions) {
    this.#options = options;
  }

  /**
   * A token for what of the asked the client may do; it may be for nothing. Rejects an unknown client with
   * `unauthenticated`: nothing is told to those who do not sign in.
   */
  async token({ credential, address, service, asked }: TokenRequest): Promise<RegistryTokenAnswer> {
    const { clock, log, registry } = this.#options;
    const tokens = registry?.tokens;
    if (tokens === undefined) throw new AppError('not-found', 'This hub signs nobody in to a registry.');
    if (service !== tokens.service)
      throw new AppError('bad-request', `This signs in to the registry "${tokens.service}" only.`);
    if (credential === undefined) throw refused();
    const now = clock.now();
    const isNode = isNodeCredential(credential, this.#options.instanceKey, now);
    const actor = isNode ? undefined : await this.#person(credential, address);
    const access: RepositoryAccess[] = [];
    for (const one of asked) {
      const actions = actor === undefined ? ['pull'] : await this.#mayDo(actor, one.repository);
      const granted = actions.filter((action) => one.actions.has(action) || one.actions.has('*'));
      if (granted.length > 0) access.push({ repository: one.repository, actions: granted });
    }
    const pushed = access.filter(({ actions }) => actions.includes('push')).map(({ repository }) => repository);
    if (pushed.length > 0) log.info({ user: actor?.userId, repositories: pushed }, 'may push to the registry');
    const { token, expiresInS } = await tokens.issue(actor?.userId ?? credential.user, access, now);
    return { token, expiresInS, issuedAt: now };
  }

  /** For admins: what lies in the registry, by name of repository. */
  async repositories(
    actor: Actor,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<RegistryRepository> & { host: string | null }> {
    requireAdmin(actor);
    const { registry } = this.#options;
    if (registry === undefined) return { items: [], nextCursor: null, host: null };
    const { host, catalogue } = registry;
    const after = decodeCursor(cursor, 1)?.map(String)[0];
    try {
      const names = await catalogue.repositories({ after, limit: limit + 1 });
      const page = toPage(names, limit, (name) => [name]);
      return { ...page, host, items: await Promise.all(page.items.map((name) => show(name, catalogue))) };
    } catch (error) {
      throw new AppError('unavailable', `The registry cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }

  /** A person by name and API token. One answer for all that is wrong: which it was helps a guesser. */
  async #person({ user, password }: NodeCredential, address: string): Promise<Actor> {
    const attempt = { name: user, address };
    const guard = this.#options.limits.guard(attempt);
    await guard.check();
    const actor = await this.#options.authenticate({ authorization: `Bearer ${password}` });
    if (actor?.via.kind !== 'token' || actor.name.toLowerCase() !== user.toLowerCase()) {
      await guard.failed();
      throw refused();
    }
    await this.#options.limits.succeeded(attempt);
    return actor;
  }

  /** Own images lie below `saved/<own id>/`, the same for those that are saved and those that are pushed. */
  async #mayDo(actor: Actor, repository: string): Promise<string[]> {
    const pull = actor.scopes.has('read');
    const push = actor.scopes.has('servers');
    if (repository.startsWith(ownArea(actor.userId))) return [...(pull ? ['pull'] : []), ...(push ? ['push'] : [])];
    if (repository.startsWith(BUILT_IN)) return [...(pull ? ['pull'] : []), ...(isAdmin(actor) ? ['push'] : [])];
    return pull && (await this.#options.mayPull(actor, repository)) ? ['pull'] : [];
  }
}

async function show(name: string, catalogue: RegistryPort['catalogue']): Promise<RegistryRepository> {
  const tags = await catalogue.tags(name);
  const shown = await Promise.all(
    tags.slice(0, MAX_TAGS).map(async (tag) => {
      // An index of several platforms, or what is no image at all, has no size of its own.
      const found = await catalogue.image(name, tag).catch(() => undefined);
      return { name: tag, digest: found?.digest ?? null, sizeBytes: found?.sizeBytes ?? null };
    }),
  );
  return { name, tagCount: tags.length, tags: shown };
}

/** The beginning of the names of a person's own repositories. */
function ownArea(userId: string): string {
  return `saved/${userId}/`;
}

function refused(): AppError {
  return new AppError(
    'unauthenticated',
    'Sign in with your user name and, as the password, an API token of yours. Create one on the page of your account.',
  );
}
