import type { QueryOptions } from 'sequelize';
import type { Database, Transaction } from './db.ts';
import { holdOfWork, NotHeld, type Hold } from './ticket.ts';

type Query = (sql: string | { query: string; values: unknown[] }, options?: QueryOptions) => Promise<unknown>;
type Transact = (...args: unknown[]) => Promise<unknown>;

/**
 * Locks the lease's row against the next holder until the transaction ends. A process that is stopped in the middle of one
 * (SIGSTOP, a frozen machine) would hold the lock for ever, so PostgreSQL ends such a transaction after a while.
 */
const GUARD = `SELECT set_config('idle_in_transaction_session_timeout', '8000', true)
  FROM leases WHERE name = $name AND fence = $fence FOR KEY SHARE`;

/**
 * Makes a database handle refuse the late writes of a hub that another one has replaced. What runs under a lease writes only
 * in transactions that begin by looking at its fence; what runs under none (a person's request) is as before. A read harms
 * nobody and is not looked at.
 */
export function fenceWrites(db: Database, lease: string): Database {
  const query = db.query.bind(db) as Query;
  const transaction = db.transaction.bind(db) as Transact;
  const guard = async (hold: Hold, tx: Transaction): Promise<void> => {
    hold.signal.throwIfAborted();
    const rows = await query(GUARD, { bind: { name: lease, fence: hold.fence }, transaction: tx });
    if ((rows as [unknown[]])[0].length === 0) throw new NotHeld('Another hub acts now, so this one writes no more.');
  };
  const fencedTransaction: Transact = (...args) => {
    const hold = holdOfWork();
    const work = args.at(-1);
    if (hold === undefined || typeof work !== 'function') return transaction(...args);
    const guarded = async (tx: Transaction): Promise<unknown> => {
      await guard(hold, tx);
      return (work as (tx: Transaction) => unknown)(tx);
    };
    return transaction(...args.slice(0, -1), guarded);
  };
  const fencedQuery: Query = (sql, options) => {
    const inTransaction = options?.transaction !== undefined && options.transaction !== null;
    if (holdOfWork() === undefined || inTransaction || isRead(sql)) return query(sql, options);
    return fencedTransaction((tx: Transaction) => query(sql, { ...options, transaction: tx }));
  };
  return Object.assign(db, { query: fencedQuery, transaction: fencedTransaction });
}

function isRead(sql: string | { query: string }): boolean {
  return /^\s*select\b/i.test(typeof sql === 'string' ? sql : sql.query);
}
