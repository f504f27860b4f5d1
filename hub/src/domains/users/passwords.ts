import { availableParallelism } from 'node:os';
import { argon2id, hash, verify } from 'argon2';
import { AppError } from '../../platform/errors.ts';

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane. */
const OPTIONS = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1, hashLength: 32 } as const;

/** A well-formed hash of the same cost that no password is known for: unknown names take as long as known ones. */
const NOBODY = `$argon2id$v=19$m=19456,p=1,t=2$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Half of libuv's four threads: files, DNS and TLS need the others while a class signs in. */
const DEFAULT_CONCURRENCY = Math.min(2, availableParallelism());
const DEFAULT_WAITING = 1000;

interface PasswordsOptions {
  /** How many hashes are worked out at once, 19 MiB each. */
  concurrency?: number;
  /** How many may wait for their turn; more are refused. */
  maxWaiting?: number;
}

/** Limits guessing. `check` refuses by throwing, `failed` counts a wrong password. */
export interface Guard {
  check(): Promise<void>;
  failed(): Promise<void>;
}

/** Hashes and checks passwords, few at a time, so that many sign-ins at once cost time but not memory. */
export class Passwords {
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor({ concurrency = DEFAULT_CONCURRENCY, maxWaiting = DEFAULT_WAITING }: PasswordsOptions = {}) {
    this.#free = concurrency;
    this.#maxWaiting = maxWaiting;
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, OPTIONS));
  }

  /**
   * Whether `password` belongs to `stored`; undefined or null (no such person, no password yet) costs as much and is
   * false. The guard is asked and told within the turn: parallel guesses cannot slip past it.
   */
  verify(stored: string | null | undefined, password: string, guard: Guard): Promise<boolean> {
    return this.#inTurn(async () => {
      await guard.check();
      const matches = await verify(stored ?? NOBODY, password);
      const right = matches && typeof stored === 'string';
      if (!right) await guard.failed();
      return right;
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new AppError('unavailable', 'Too many people are signing in right now. Try again in a minute.');
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the turn to the next in line, who got it without `#free` growing in between. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
