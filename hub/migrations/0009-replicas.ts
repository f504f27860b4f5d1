import type { Migration } from '../src/platform/db.ts';

/**
 * What several hubs on one database share besides their rows: who of them acts (a lease with a fencing number), which
 * built-in images somebody wants built by the one that acts, and the counts of wrong passwords. The key of a lease has the
 * fence in it, so that a renewal passes beside work that holds the row (FOR KEY SHARE), while another holder has to wait.
 */
export const migration: Migration = {
  name: '0009-replicas',
  up: async (_, db) => {
    // One query, so that all statements apply or none.
    await db.query(STATEMENTS.join(';\n'));
  },
};

const STATEMENTS = [
  `CREATE TABLE leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    fence bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    UNIQUE (name, fence)
  )`,
  'ALTER TABLE images ADD COLUMN build_wanted boolean NOT NULL DEFAULT false',
  // As the library for limits makes it; `expire` in milliseconds since 1970.
  'CREATE TABLE rate_limits (key varchar(255) PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint)',
];
