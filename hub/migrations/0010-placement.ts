import type { Migration } from '../src/platform/db.ts';

/**
 * Where servers run on a cluster: what an admin set for a group, and what a server's last start was given; null where
 * nothing was.
 */
export const migration: Migration = {
  name: '0010-placement',
  up: async (_, db) => {
    await db.query(`ALTER TABLE groups ADD COLUMN placement jsonb; ALTER TABLE servers ADD COLUMN placement jsonb`);
  },
};
