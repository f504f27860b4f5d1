import type { Migration } from '../src/platform/db.ts';

/**
 * Images and servers. Owners are ids of another domain's rows, which are never removed, so there is no foreign key.
 * A server's row is what is wanted and what was last seen; `reserved` counts in the quota, `admitted_at` in the capacity.
 */
export const migration: Migration = {
  name: '0002-servers',
  up: async (_, sequelize) => {
    // One query, so that all statements apply or none.
    await sequelize.query([...IMAGES, ...SERVERS, ...RUNS].join(';\n'));
  },
};

const IMAGES = [
  `CREATE TABLE images (
    id text PRIMARY KEY,
    owner_id text,
    name text NOT NULL,
    version text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('private', 'public')),
    editors jsonb NOT NULL,
    parent_id text REFERENCES images (id),
    phase text NOT NULL CHECK (phase IN ('absent', 'building', 'ready', 'failed')),
    reason text,
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    revision integer NOT NULL DEFAULT 1
  )`,
  'CREATE UNIQUE INDEX images_built_in ON images (name) WHERE owner_id IS NULL',
  'CREATE UNIQUE INDEX images_owned ON images (owner_id, name, version) WHERE owner_id IS NOT NULL',
  `CREATE TABLE image_locations (
    image_id text NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    engine text NOT NULL,
    ref text NOT NULL,
    digest text NOT NULL,
    size_bytes bigint NOT NULL,
    PRIMARY KEY (image_id, engine)
  )`,
];

const SERVERS = [
  `CREATE TABLE servers (
    id text PRIMARY KEY,
    owner_id text NOT NULL,
    name text NOT NULL,
    image_id text NOT NULL,
    image_ref text,
    image_digest text,
    editors jsonb NOT NULL,
    base_path text NOT NULL,
    cpu double precision NOT NULL CHECK (cpu > 0),
    memory_mb integer NOT NULL CHECK (memory_mb > 0),
    gpu integer NOT NULL CHECK (gpu >= 0),
    gpu_ids jsonb NOT NULL DEFAULT '[]',
    desired text NOT NULL CHECK (desired IN ('stopped', 'running', 'deleted')),
    generation integer NOT NULL,
    phase text NOT NULL,
    reason jsonb,
    progress double precision,
    reserved boolean NOT NULL,
    queued_at timestamptz,
    admitted_at timestamptz,
    engine_id text,
    exit_code integer,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ready_at timestamptz,
    ended_at timestamptz,
    deleted_at timestamptz,
    version integer NOT NULL DEFAULT 1
  )`,
  "CREATE UNIQUE INDEX servers_owner_name ON servers (owner_id, name) WHERE desired <> 'deleted'",
  'CREATE INDEX servers_by_owner ON servers (owner_id, created_at DESC, id DESC) WHERE deleted_at IS NULL',
  'CREATE INDEX servers_newest ON servers (created_at DESC, id DESC) WHERE deleted_at IS NULL',
  // What the reconciler reads on each tick: it must not grow with servers that are merely kept.
  `CREATE INDEX servers_active ON servers (queued_at, id) WHERE deleted_at IS NULL AND (desired <> 'stopped' OR reserved)`,
];

const RUNS = [
  `CREATE TABLE server_runs (
    engine_id text PRIMARY KEY,
    server_id text NOT NULL,
    owner_id text NOT NULL,
    generation integer NOT NULL,
    cpu double precision NOT NULL,
    memory_mb integer NOT NULL,
    gpu integer NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    exit_code integer,
    reason text
  )`,
  'CREATE INDEX server_runs_by_owner ON server_runs (owner_id, started_at)',
  'CREATE INDEX server_runs_by_server ON server_runs (server_id, started_at)',
  `CREATE TABLE server_logs (
    server_id text PRIMARY KEY REFERENCES servers (id) ON DELETE CASCADE,
    generation integer NOT NULL,
    lines jsonb NOT NULL,
    saved_at timestamptz NOT NULL
  )`,
];
