import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  ConnectionError,
  DataTypes,
  HostNotFoundError,
  HostNotReachableError,
  ConnectionRefusedError,
  ConnectionTimedOutError,
  Sequelize,
  type QueryInterface,
  type Transaction,
} from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';

/** The database handle that stores get. */
export type Database = Sequelize;
export type { Transaction };

/** One step of the schema. Files `hub/migrations/NNNN-name.ts` export `migration`. */
export interface Migration {
  name: string;
  up: (queryInterface: QueryInterface, sequelize: Sequelize, types: typeof DataTypes) => Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  poolSize?: number;
}

/** Opens a pool; nothing is sent before the first query. */
export function openDatabase({ url, poolSize = 10 }: DatabaseOptions): Database {
  return new Sequelize(url, {
    dialect: 'postgres',
    // Given, because a bundle cannot look for it by name.
    dialectModule: pg,
    logging: false,
    // Longer than the loops rest: else each of their ticks would open a connection of its own.
    pool: { max: poolSize, min: 0, idle: 60_000, evict: 10_000, acquire: 20_000 },
    define: { underscored: true, timestamps: false, freezeTableName: true },
    dialectOptions: { statement_timeout: 30_000, idle_in_transaction_session_timeout: 60_000, keepAlive: true },
    retry: { max: 0 },
  });
}

const LOOK_MS = 500;
/** What the network or a PostgreSQL that begins or ends says, and another try may change. */
const PASSING = [ConnectionRefusedError, ConnectionTimedOutError, HostNotFoundError, HostNotReachableError];
const PASSING_CODES = new Set(['57P03', 'EAI_AGAIN', 'ECONNRESET', 'ETIMEDOUT']);

/**
 * Waits until PostgreSQL answers, at most `forMs`: where both start at once, as on a cluster, it may come after the hub.
 * Rejects at once where waiting does not help, such as with a wrong password.
 */
export async function untilAnswers(db: Database, log: Logger, forMs = 60_000): Promise<void> {
  const deadline = performance.now() + forMs;
  for (let told = false; ; told = true) {
    try {
      await db.authenticate();
      return;
    } catch (error) {
      if (!isPassing(error)) throw error;
      const { message } = error;
      if (performance.now() > deadline)
        throw new AppError(
          'unavailable',
          `PostgreSQL does not answer: ${message}. Start it, or correct DATABASE_URL.`,
          {
            cause: error,
          },
        );
      if (!told) log.info({ reason: message }, 'waiting for PostgreSQL');
      await sleep(LOOK_MS);
    }
  }
}

function isPassing(error: unknown): error is ConnectionError {
  if (!(error instanceof ConnectionError)) return false;
  const { code } = error.parent as { code?: string };
  return PASSING.some((kind) => error instanceof kind) || PASSING_CODES.has(code ?? '');
}

/** Key of the advisory lock that lets one hub at a time migrate a database. */
const MIGRATION_LOCK = 0x0da417;

/** Brings the schema up to date. Several hubs may call it at once: they take turns under an advisory lock. */
export async function migrate(db: Database, migrations: readonly Migration[], log: Logger): Promise<void> {
  await db.transaction(async (lock) => {
    await db.query(`SELECT pg_advisory_xact_lock(${String(MIGRATION_LOCK)})`, { transaction: lock });
    const umzug = new Umzug({
      migrations: migrations.map((migration) => ({
        name: migration.name,
        up: () => migration.up(db.getQueryInterface(), db, DataTypes),
      })),
      storage: new SequelizeStorage({ sequelize: db, tableName: 'migrations' }),
      logger: undefined,
    });
    const done = await umzug.up();
    if (done.length > 0) log.info({ migrations: done.map((step) => step.name) }, 'schema updated');
  });
}
