import type { Migration } from '../src/platform/db.ts';

/**
 * When each container was last seen, so that one that went away unseen ends then and not when somebody noticed; and the
 * way to the intervals that reach into a range of days.
 */
export const migration: Migration = {
  name: '0007-usage',
  up: async (_, sequelize) => {
    await sequelize.query(
      [
        'ALTER TABLE server_runs ADD COLUMN seen_at timestamptz',
        `CREATE INDEX server_runs_by_end ON server_runs ((coalesce(ended_at, 'infinity'::timestamptz)))`,
      ].join(';\n'),
    );
  },
};
