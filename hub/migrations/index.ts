import type { Migration } from '../src/platform/db.ts';

/** All steps of the schema in their order; a step that has been released is never changed. */
export const migrations: readonly Migration[] = [];
