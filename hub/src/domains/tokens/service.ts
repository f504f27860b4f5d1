import type { CreateToken, Page, PageQuery, Token } from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { Bus } from '../../platform/bus.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database, Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { nextVersion } from '../../platform/eventVersion.ts';
import { hashSecret, randomId, randomSecret } from '../../platform/random.ts';
import type { People } from '../users/index.ts';
import { toToken, type TokenRow } from './model.ts';
import type { EndedToken, TokenStore } from './store.ts';

/** What each token begins with, so that the proxy knows its own and secret scanners find leaked ones. */
const PREFIX = 'davit_';
const DAY_MS = 86_400_000;

/** Tokens that one person may have at once; a script that makes one per run and forgets it stops here. */
const MAX_TOKENS = 100;

export interface TokensServiceOptions {
  db: Database;
  bus: Bus;
  clock: Clock;
  store: TokenStore;
  people: Pick<People, 'lock'>;
  /** Whether the session is still there, asked inside the transaction. */
  sessionExists: (id: string, tx: Transaction) => Promise<boolean>;
}

/** A person's own API tokens. */
export class TokensService {
  readonly #options: TokensServiceOptions;

  constructor(options: TokensServiceOptions) {
    this.#options = options;
  }

  async list(actor: Actor, query: PageQuery): Promise<Page<Token>> {
    const page = await this.#options.store.list(actor.userId, query);
    return { ...page, items: page.items.map(toToken) };
  }

  /** Creates a token; its text is in this answer and nowhere else. */
  async create(actor: Actor, input: CreateToken): Promise<Token & { token: string }> {
    requireOwnRights(actor, input);
    const { db, store, clock } = this.#options;
    const token = randomSecret(PREFIX);
    const createdAt = clock.now();
    const row: TokenRow = {
      id: randomId(),
      secretHash: hashSecret(token),
      userId: actor.userId,
      name: input.name,
      scopes: [...new Set(input.scopes)],
      createdAt,
      expiresAt: input.expiresInDays === null ? null : new Date(createdAt.getTime() + input.expiresInDays * DAY_MS),
      lastUsedAt: null,
    };
    await db.transaction(async (tx) => {
      await this.#requireStillSignedIn(actor, tx);
      await this.#requireRoom(actor, createdAt, tx);
      await store.insert(row, tx);
    });
    this.#emitChanged([row]);
    return { ...toToken(row), token };
  }

  /** Revokes one of the actor's tokens; from then on it is refused. */
  async remove(actor: Actor, id: string): Promise<void> {
    if (!(await this.#options.store.remove(id, actor.userId))) {
      throw new AppError('not-found', 'You have no such token, or not any more.');
    }
    this.#emitChanged([{ id, userId: actor.userId }]);
  }

  async removeExpired(now: Date): Promise<void> {
    this.#emitChanged(await this.#options.store.removeExpired(now));
  }

  /** Tells of tokens that came or went. */
  #emitChanged(tokens: readonly EndedToken[]): void {
    for (const { id, userId } of tokens) {
      this.#options.bus.emit({ type: 'token', id, version: nextVersion() }, { userIds: [userId] });
    }
  }

  /** Under the person's lock: a token that was on its way while an admin ended the session would outlive that. */
  async #requireStillSignedIn(actor: Actor, tx: Transaction): Promise<void> {
    const person = await this.#options.people.lock(actor.userId, tx);
    if (person?.active === true && (await this.#options.sessionExists(actor.via.id, tx))) return;
    throw new AppError('unauthenticated', 'Your session has ended. Sign in again.');
  }

  /** Under the person's lock as well: of many at once for the last place one gets it. */
  async #requireRoom(actor: Actor, now: Date, tx: Transaction): Promise<void> {
    if ((await this.#options.store.countAlive(actor.userId, now, tx)) < MAX_TOKENS) return;
    throw new AppError(
      'conflict',
      `You have ${MAX_TOKENS} API tokens already, and no more are possible. Revoke those that you do not use.`,
    );
  }
}

/** A token must never lead to more than its maker has, nor to another that outlives it. */
function requireOwnRights(actor: Actor, { scopes }: CreateToken): void {
  if (actor.via.kind === 'token') {
    throw new AppError('forbidden', 'A token cannot create tokens. Sign in with your password to create one.');
  }
  const beyond = scopes.find((scope) => !actor.scopes.has(scope) || (scope === 'admin' && actor.role !== 'admin'));
  if (beyond === undefined) return;
  throw new AppError('forbidden', `You cannot give a token the scope "${beyond}", you do not have it yourself.`, {
    fields: [{ path: 'scopes', message: `"${beyond}" is more than you have` }],
  });
}
