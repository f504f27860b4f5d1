import type { Migration } from '../src/platform/db.ts';

/**
 * When each server is released. `left_at`: since when nobody and nothing uses it, as last seen; null while something
 * does. `warned_at`: since when its person is warned. `last_input_at`: what editors reported, at most once a minute.
 */
export const migration: Migration = {
  name: '0006-release',
  up: async (_, db) => {
    await db.query(`
      ALTER TABLE servers
        ADD COLUMN release_policy text NOT NULL DEFAULT '24h',
        ADD COLUMN keep_until timestamptz,
        ADD COLUMN last_input_at timestamptz,
        ADD COLUMN left_at timestamptz,
        ADD COLUMN warned_at timestamptz`);
  },
};
