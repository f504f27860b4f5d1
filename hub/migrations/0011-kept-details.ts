import type { Migration } from '../src/platform/db.ts';

/**
 * Rows of deleted servers stay, for what was used, but nobody may read their logs any more. `image_jobs_detailed` finds
 * ended jobs whose input is still kept, without looking through all that ever were.
 */
export const migration: Migration = {
  name: '0011-kept-details',
  up: async (_, db) => {
    // One query, so that all statements apply or none.
    await db.query(STATEMENTS.join(';\n'));
  },
};

const STATEMENTS = [
  'DELETE FROM server_logs USING servers WHERE servers.id = server_logs.server_id AND servers.deleted_at IS NOT NULL',
  `CREATE INDEX image_jobs_detailed ON image_jobs (ended_at) WHERE input <> '{}'`,
];
