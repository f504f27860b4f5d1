import { timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** A renamed-over file is noticed at the latest after this long, so that an old secret does not go on working. */
const RECHECK_MS = 1000;

/**
 * The server's secret, kept in a file that may be replaced at any time. While the file is missing or empty nothing is
 * accepted.
 */
export class SecretFile {
  readonly #path: string;
  readonly #now: () => number;
  #secret = Buffer.alloc(0);
  #version = '';
  #checkedAt = -Infinity;

  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  /** Whether the header carries the secret; compared in constant time. */
  accepts(header: string | string[] | undefined): boolean {
    if (typeof header !== 'string') return false;
    const given = Buffer.from(header, 'latin1');
    if (this.#now() - this.#checkedAt >= RECHECK_MS) this.#refresh();
    if (this.#equals(given)) return true;
    // A new secret is in use the moment it is written; it need not wait for the next regular look.
    return this.#refresh() && this.#equals(given);
  }

  #equals(given: Buffer): boolean {
    return given.length > 0 && given.length === this.#secret.length && timingSafeEqual(given, this.#secret);
  }

  /** Reads the file if it is another one than before; says whether it was. */
  #refresh(): boolean {
    this.#checkedAt = this.#now();
    const version = versionOf(this.#path);
    if (version === this.#version) return false;
    this.#version = version;
    this.#secret = version === '' ? Buffer.alloc(0) : read(this.#path);
    return true;
  }
}

function versionOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function read(path: string): Buffer<ArrayBuffer> {
  try {
    return Buffer.from(readFileSync(path, 'latin1').replace(/[\r\n]+$/, ''), 'latin1');
  } catch {
    // Removed since it was looked at: as good as missing.
    return Buffer.alloc(0);
  }
}
