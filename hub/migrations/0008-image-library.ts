import type { Migration } from '../src/platform/db.ts';

/**
 * The library: with whom images are shared, and how servers of them are started. `subject_id` is a person's or a group's id,
 * rows of other domains, so there is no foreign key. A deleted image is retired, because servers still show its name: its
 * own name and version are free again.
 */
export const migration: Migration = {
  name: '0008-image-library',
  up: async (_, db) => {
    // One query, so that all statements apply or none.
    await db.query(STATEMENTS.join(';\n'));
  },
};

const STATEMENTS = [
  `ALTER TABLE images ADD COLUMN launch jsonb NOT NULL DEFAULT '{}'`,
  `CREATE TABLE image_shares (
    image_id text NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('user', 'group')),
    subject_id text NOT NULL,
    PRIMARY KEY (image_id, kind, subject_id)
  )`,
  'CREATE INDEX image_shares_by_subject ON image_shares (kind, subject_id)',
  'DROP INDEX images_owned',
  `CREATE UNIQUE INDEX images_owned ON images (owner_id, name, version)
    WHERE owner_id IS NOT NULL AND retired_at IS NULL`,
  'CREATE INDEX servers_by_image ON servers (image_id) WHERE deleted_at IS NULL',
];
