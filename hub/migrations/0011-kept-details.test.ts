import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../test/database.ts';
import { migrate, openDatabase, type Database } from '../src/platform/db.ts';
import { createLog } from '../src/platform/log.ts';
import { migration } from './0011-kept-details.ts';
import { migrations } from './index.ts';

const INSERT_SERVER = `
  INSERT INTO servers (id, owner_id, name, image_id, editors, base_path, cpu, memory_mb, gpu, desired, generation, phase,
    reserved, created_at, deleted_at)
  VALUES ($id, 'ada000000000', $id, 'image0000000', '[]', '', 1, 512, 0, $desired, 1, 'stopped', false, now(), $deletedAt)`;

describe('0011-kept-details', () => {
  let db: Database;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await createDatabase();
    ({ drop } = database);
    db = openDatabase({ url: database.url });
    await migrate(db, migrations.slice(0, migrations.indexOf(migration)), createLog('silent'));
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  it('removes the logs of deleted servers and no others', async () => {
    const servers = [
      { id: 'kept00000000', desired: 'stopped', deletedAt: null },
      { id: 'going0000000', desired: 'deleted', deletedAt: null },
      { id: 'gone00000000', desired: 'deleted', deletedAt: new Date() },
    ];
    for (const bind of servers) {
      await db.query(INSERT_SERVER, { bind });
      await db.query(`INSERT INTO server_logs VALUES ($id, 1, '["secret"]', now())`, { bind: { id: bind.id } });
    }
    await migrate(db, migrations, createLog('silent'));
    const [rows] = await db.query('SELECT server_id FROM server_logs ORDER BY server_id');
    expect(rows).toEqual([{ server_id: 'going0000000' }, { server_id: 'kept00000000' }]);
  });
});
