import type { Migration } from '../src/platform/db.ts';
import { randomId } from '../src/platform/random.ts';

/** People, what they sign in with, groups, and the hub's own settings. All statements go as one, so all or none apply. */
export const migration: Migration = {
  name: '0001-accounts',
  up: async (_, db) => {
    await db.query(SCHEMA, { replacements: { publicGroup: randomId() } });
  },
};

const SCHEMA = `
CREATE TABLE instance (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  id text NOT NULL,
  key bytea NOT NULL
);

CREATE TABLE settings (
  key text PRIMARY KEY,
  value jsonb NOT NULL
);

CREATE TABLE users (
  id text PRIMARY KEY,
  name text NOT NULL,
  display_name text NOT NULL,
  role text NOT NULL CHECK (role IN ('user', 'teacher', 'admin')),
  active boolean NOT NULL,
  password_hash text,
  quota jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz,
  deleted_at timestamptz
);
CREATE UNIQUE INDEX users_name ON users (lower(name)) WHERE deleted_at IS NULL;

-- user_id is absent in the link with which the first admin is made.
CREATE TABLE password_links (
  secret_hash text PRIMARY KEY,
  user_id text REFERENCES users,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX password_links_user ON password_links (user_id);

CREATE TABLE sessions (
  id text PRIMARY KEY,
  secret_hash text NOT NULL UNIQUE,
  user_id text NOT NULL REFERENCES users,
  user_agent text NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tokens (
  id text PRIMARY KEY,
  secret_hash text NOT NULL UNIQUE,
  user_id text NOT NULL REFERENCES users,
  name text NOT NULL,
  scopes jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  last_used_at timestamptz
);
CREATE INDEX tokens_user ON tokens (user_id, created_at DESC, id);
CREATE INDEX tokens_expiry ON tokens (expires_at);

-- everybody is in the one group without member rows, 'public'.
CREATE TABLE groups (
  id text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  description text NOT NULL,
  everybody boolean NOT NULL DEFAULT false,
  creator_id text REFERENCES users,
  created_at timestamptz NOT NULL
);
INSERT INTO groups (id, name, description, everybody, created_at)
VALUES (:publicGroup, 'public', 'Everybody who has an account.', true, now());

CREATE TABLE group_members (
  group_id text NOT NULL REFERENCES groups ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users,
  role text NOT NULL CHECK (role IN ('member', 'teacher')),
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);
`;
