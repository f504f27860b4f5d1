import { randomBytes } from 'node:crypto';
import { QueryTypes } from 'sequelize';
import type { Database } from '../../platform/db.ts';
import { randomId } from '../../platform/random.ts';

/** What tells this hub from others: `id` is in each label, object and cookie name, `key` (32 bytes) seals short-lived codes. */
export interface Instance {
  id: string;
  key: Buffer;
}

/** Reads the instance of this database and makes it at the first boot. Hubs that boot at once agree on the same one. */
export async function loadInstance(db: Database): Promise<Instance> {
  await db.query('INSERT INTO instance (id, key) VALUES ($id, $key) ON CONFLICT DO NOTHING', {
    bind: { id: randomId(), key: randomBytes(32) },
  });
  const [row] = await db.query<Instance>('SELECT id, key FROM instance', { type: QueryTypes.SELECT });
  if (row === undefined) throw new Error('the table instance is empty right after a row was put into it');
  return row;
}
