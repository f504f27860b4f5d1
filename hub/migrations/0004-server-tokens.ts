import type { Migration } from '../src/platform/db.ts';

/**
 * Tokens of code inside servers, by their hash. No foreign key: one is good only while its server wants the container of
 * its generation, which is looked up at each use. `placed_at` is empty until the token is known to lie in the container.
 */
export const migration: Migration = {
  name: '0004-server-tokens',
  up: async (_queryInterface, sequelize) => {
    await sequelize.query(`
      CREATE TABLE server_tokens (
        id         text PRIMARY KEY,
        token_hash text NOT NULL UNIQUE,
        server_id  text NOT NULL,
        generation integer NOT NULL,
        placed_at  timestamptz,
        expires_at timestamptz NOT NULL
      )`);
    await sequelize.query('CREATE INDEX server_tokens_server_id ON server_tokens (server_id)');
  },
};
