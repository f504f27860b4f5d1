import type { Migration } from '../src/platform/db.ts';

/**
 * By how much the clock was set while a container ran: forward positive, in milliseconds, as its agent told last. An
 * interval whose clock was set back ends later than its end says; `server_runs_set_back` finds those.
 */
export const migration: Migration = {
  name: '0012-clock-steps',
  up: async (_, db) => {
    // One query, so that all statements apply or none.
    await db.query(STATEMENTS.join(';\n'));
  },
};

const STATEMENTS = [
  'ALTER TABLE server_runs ADD COLUMN clock_step_ms bigint NOT NULL DEFAULT 0',
  'CREATE INDEX server_runs_set_back ON server_runs (started_at) WHERE clock_step_ms < 0',
];
