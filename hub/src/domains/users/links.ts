import { LINK_PATH } from '@davit/contract';
import type { Clock } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/db.ts';
import { hashSecret, randomSecret } from '../../platform/random.ts';
import type { LinkStore } from './linkStore.ts';

const LINK_DAYS = 7;
const DAY_MS = 86_400_000;

/** A one-time link, as its maker passes it on; the secret is behind the `#`, which browsers send to nobody. */
export interface PasswordLink {
  url: string;
  expiresAt: Date;
}

/** Makes one-time links; only the hash of the secret is kept. */
export class Links {
  readonly #store: LinkStore;
  readonly #clock: Clock;
  readonly #publicUrl: URL;

  constructor(store: LinkStore, clock: Clock, publicUrl: URL) {
    this.#store = store;
    this.#clock = clock;
    this.#publicUrl = publicUrl;
  }

  /** A new link of a person; older ones of the person end. The caller holds the person's row. */
  async replace(userId: string, tx: Transaction): Promise<PasswordLink> {
    await this.#store.removeOf(userId, tx);
    return this.#create(userId, tx);
  }

  /** A link that makes the first admin; older ones stay good, somebody may be looking at their page. */
  createSetup(): Promise<PasswordLink> {
    return this.#create(null);
  }

  async #create(userId: string | null, tx?: Transaction): Promise<PasswordLink> {
    const secret = randomSecret();
    const createdAt = this.#clock.now();
    const expiresAt = new Date(createdAt.getTime() + LINK_DAYS * DAY_MS);
    await this.#store.insert({ secretHash: hashSecret(secret), userId, createdAt, expiresAt }, tx);
    const url = new URL(LINK_PATH, this.#publicUrl);
    url.hash = secret;
    return { url: url.href, expiresAt };
  }
}
