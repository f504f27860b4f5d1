import type { Migration } from '../src/platform/db.ts';

/**
 * Links into servers and the logins they become. No foreign keys: a login's session or token is asked for whenever it is
 * used, and signing out never waits for these tables. Rows go when they expire.
 */
export const migration: Migration = {
  name: '0003-access',
  up: async (_queryInterface, sequelize) => {
    await sequelize.query(`
      CREATE TABLE access_codes (
        code_hash  text PRIMARY KEY,
        user_id    text NOT NULL,
        via_kind   text NOT NULL CHECK (via_kind IN ('session', 'token')),
        via_id     text NOT NULL,
        server_id  text NOT NULL,
        host       text NOT NULL,
        path       text NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at    timestamptz
      )`);
    await sequelize.query('CREATE INDEX access_codes_expires_at ON access_codes (expires_at)');
    await sequelize.query(`
      CREATE TABLE access_logins (
        secret_hash text PRIMARY KEY,
        user_id     text NOT NULL,
        via_kind    text NOT NULL CHECK (via_kind IN ('session', 'token')),
        via_id      text NOT NULL,
        server_id   text NOT NULL,
        host        text NOT NULL,
        expires_at  timestamptz NOT NULL
      )`);
    await sequelize.query('CREATE INDEX access_logins_expires_at ON access_logins (expires_at)');
  },
};
