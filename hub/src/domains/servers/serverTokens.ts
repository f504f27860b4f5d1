import { boundToServer, type Actor } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { hashSecret, randomId, randomSecret } from '../../platform/random.ts';
import type { People } from './ports.ts';
import type { ServerRef, Spawner } from './spawner.ts';
import type { LiveServerToken, ServerTokenStore } from './tokenStore.ts';

export interface ServerTokensOptions {
  store: ServerTokenStore;
  people: Pick<People, 'find'>;
  spawner: Pick<Spawner, 'writeToken' | 'identify'>;
  /** The running container of a server's generation, as far as it is known. */
  refOf: (serverId: string, generation: number) => ServerRef | undefined;
  clock: Clock;
  log: Logger;
}

/** A token is replaced after so long. */
const ROTATE_MS = 60 * 60_000;
/** A replaced token is good for so long, for code that read it a moment ago. */
const GRACE_MS = 10 * 60_000;
/** Bounds a token that nobody can replace, because the hub is down or the engine does not answer. */
const LIFE_MS = 24 * 3_600_000;
const WRITE_MS = 30_000;
const IDENTIFY_MS = 10_000;
const TOKEN = /^davit_[\w-]{43}$/;

/**
 * Tokens by which code inside a server calls the server API. Each lies as a file in the container and as a hash in the
 * database, and is good only as long as the server wants that container. Where the engine makes tokens of its own, those
 * take their place.
 */
export class ServerTokens {
  readonly #options: ServerTokensOptions;

  constructor(options: ServerTokensOptions) {
    this.#options = options;
  }

  /** Makes a container with a new token: `place` gets it into the container. Replaces the one that it had. */
  async place<T>(serverId: string, generation: number, place: (token?: string) => Promise<T>): Promise<T> {
    const { store, spawner, clock } = this.#options;
    if (spawner.identify !== undefined) return place();
    const token = randomSecret('davit_');
    const id = randomId();
    // In the database before it is in the container: code that reads it there can use it at once.
    const expiresAt = new Date(clock.now().getTime() + GRACE_MS);
    await store.insert({ id, tokenHash: hashSecret(token), serverId, generation, expiresAt });
    const result = await place(token);
    const now = clock.now();
    const after = (ms: number): Date => new Date(now.getTime() + ms);
    await store.place({ id, serverId }, { now, expiresAt: after(LIFE_MS), othersEnd: after(GRACE_MS) });
    return result;
  }

  /** Replaces the tokens that are old enough. One that cannot be written leaves the old one good, until the next time. */
  async rotate(signal: AbortSignal): Promise<void> {
    const { store, spawner, refOf, clock, log } = this.#options;
    await store.removeEnded(clock.now());
    if (spawner.writeToken === undefined) return;
    for (const { serverId, generation } of await store.due(new Date(clock.now().getTime() - ROTATE_MS))) {
      signal.throwIfAborted();
      const ref = refOf(serverId, generation);
      if (ref === undefined) continue;
      const bound = AbortSignal.any([signal, AbortSignal.timeout(WRITE_MS)]);
      const write = async (token = ''): Promise<void> => spawner.writeToken?.(ref, token, bound);
      await this.place(serverId, generation, write).catch((error: unknown) => {
        log.warn({ server: serverId, error: messageOf(error) }, 'a server keeps its old token for now');
      });
    }
  }

  /** Who calls with this token: the owner, bound to that server. Undefined when it is not good (any more). */
  async authenticate(token: string): Promise<Actor | undefined> {
    const { store, spawner, clock } = this.#options;
    if (!TOKEN.test(token)) {
      const ref = await spawner.identify?.(token, AbortSignal.timeout(IDENTIFY_MS));
      const container = ref === undefined ? undefined : await store.findContainer(ref);
      return container === undefined ? undefined : this.#actorOf(container);
    }
    const found = await store.findLive(hashSecret(token), clock.now());
    return found === undefined ? undefined : this.#actorOf(found);
  }

  /** Those of these tokens' ids that are good now. */
  async aliveAmong(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { store, spawner, clock } = this.#options;
    const live = () => (spawner.identify === undefined ? store.liveAmong(ids, clock.now()) : store.liveContainers(ids));
    const tokens = await live();
    const actors = await Promise.all(tokens.map((token) => this.#actorOf(token)));
    return new Set(actors.flatMap((actor) => actor?.via.id ?? []));
  }

  async #actorOf({ id, serverId, ownerId }: LiveServerToken): Promise<Actor | undefined> {
    const owner = await this.#options.people.find(ownerId);
    if (owner === undefined || !owner.active || owner.deleted) return undefined;
    const actor: Actor = {
      userId: owner.id,
      name: owner.name,
      role: owner.role,
      scopes: new Set(['read', 'servers']),
      via: { kind: 'server', id },
    };
    return boundToServer(actor, serverId);
  }
}
