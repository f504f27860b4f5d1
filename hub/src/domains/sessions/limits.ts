import { isIPv6 } from 'node:net';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Database } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { hashSecret } from '../../platform/random.ts';
import type { Guard } from '../users/index.ts';

const QUARTER_HOUR = 900;

/** Wrong passwords in a quarter of an hour. A whole class may sit behind one address, so that gets the most. */
const DEFAULT_POINTS = { nameAndAddress: 10, name: 50, address: 200, registration: 30 };
/** So many failures are allowed in a quarter of an hour, by what they are counted for. */
export type LimitPoints = typeof DEFAULT_POINTS;

/** Who tries: the name as typed, the address as the connection has it. */
export interface Attempt {
  name: string;
  address: string;
}

/**
 * Limits guessing. Only failures count, so that people who sign in rightly never meet it; one address cannot lock somebody
 * out everywhere before `name` is used up. With a database the counts are those of all hubs on it, and outlive a restart.
 */
export class SignInLimits {
  readonly #limiters: Record<keyof LimitPoints, RateLimiterAbstract>;
  readonly #db: Database | undefined;

  constructor(points: Partial<LimitPoints> = {}, db?: Database) {
    this.#db = db;
    const all = { ...DEFAULT_POINTS, ...points };
    const limiter = (keyPrefix: keyof LimitPoints) => {
      const options = { keyPrefix, points: all[keyPrefix], duration: QUARTER_HOUR };
      if (db === undefined) return new RateLimiterMemory(options);
      const table = { tableName: 'rate_limits', tableCreated: true, clearExpiredByTimeout: false };
      return new RateLimiterPostgres({ ...options, ...table, storeClient: db, storeType: 'sequelize' });
    };
    this.#limiters = {
      nameAndAddress: limiter('nameAndAddress'),
      name: limiter('name'),
      address: limiter('address'),
      registration: limiter('registration'),
    };
  }

  /** Watches over one attempt: refuses while a limit is reached, counts a wrong password. */
  guard(attempt: Attempt): Guard {
    return {
      check: async () => {
        for (const [limiter, key] of this.#of(attempt)) {
          const state = await limiter.get(key);
          if (state !== null && state.consumedPoints >= limiter.points) throw tooMany(state.msBeforeNext);
        }
      },
      failed: async () => {
        for (const [limiter, key] of this.#of(attempt)) await limiter.penalty(key);
      },
    };
  }

  /** Forgets the failures of this name from this address: the person only mistyped. */
  async succeeded(attempt: Attempt): Promise<void> {
    const [[limiter, key]] = this.#of(attempt);
    await limiter.delete(key);
  }

  /** Deletes counts that are over. */
  async removeExpired(): Promise<void> {
    // The library counts by the time of this machine.
    await this.#db?.query('DELETE FROM rate_limits WHERE expire <= $now', { bind: { now: Date.now() } });
  }

  /** Counts an attempt to register, and refuses when there were too many from this address. */
  async registering(address: string): Promise<void> {
    try {
      await this.#limiters.registration.consume(addressKey(address));
    } catch (error) {
      if (error instanceof RateLimiterRes) throw tooMany(error.msBeforeNext);
      throw error;
    }
  }

  #of({ name, address }: Attempt) {
    const who = name.toLowerCase();
    const where = addressKey(address);
    return [
      // A name is what somebody typed: it may be long, and it may be a password.
      [this.#limiters.nameAndAddress, hashSecret(`${who} ${where}`)],
      [this.#limiters.name, hashSecret(who)],
      [this.#limiters.address, where],
    ] as const;
  }
}

/** One customer of an IPv6 provider has at least a /64 to choose addresses from, so that counts as one address. */
export function addressKey(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail = ''] = address.split('::');
  const front = head.split(':').filter((group) => group !== '');
  const back = tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...(address.includes('::') ? zeros : []), ...back].slice(0, 4).join(':');
}

function tooMany(ms: number): AppError {
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.ceil(seconds / 60);
  return new AppError(
    'too-many-requests',
    `There were too many attempts. Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`,
    { details: { retryAfterSeconds: seconds } },
  );
}
