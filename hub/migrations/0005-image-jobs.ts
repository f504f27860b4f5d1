import type { Migration } from '../src/platform/db.ts';

/**
 * Saves, uploads and builds on their way to an image. `image_id` is given at the start, so that whatever a job makes in the
 * engine carries it; the row of `images` comes with the end. No foreign keys on owners and servers, as in `images`.
 */
export const migration: Migration = {
  name: '0005-image-jobs',
  up: async (_, sequelize) => {
    // One query, so that all statements apply or none.
    await sequelize.query(STATEMENTS.join(';\n'));
  },
};

const STATEMENTS = [
  `CREATE TABLE image_jobs (
    id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('save', 'upload', 'build')),
    owner_id text NOT NULL,
    server_id text,
    server_name text,
    image_id text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    description text NOT NULL,
    input jsonb NOT NULL,
    phase text NOT NULL,
    percent double precision,
    bytes_done bigint,
    bytes_total bigint,
    reason text,
    attempts integer NOT NULL DEFAULT 0,
    cancel_requested boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    revision integer NOT NULL DEFAULT 1
  )`,
  // Two jobs that want one name and version of a person: the second is refused here, however close they come.
  'CREATE UNIQUE INDEX image_jobs_wanted ON image_jobs (owner_id, name, version) WHERE ended_at IS NULL',
  'CREATE INDEX image_jobs_by_owner ON image_jobs (owner_id, created_at DESC, id DESC)',
  'CREATE INDEX image_jobs_unfinished ON image_jobs (created_at, id) WHERE ended_at IS NULL',
  `CREATE TABLE image_job_lines (
    job_id text NOT NULL REFERENCES image_jobs (id) ON DELETE CASCADE,
    number integer NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (job_id, number)
  )`,
];
