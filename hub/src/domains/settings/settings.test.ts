import { getInfo, getSettings, updateSettings } from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAccounts, type AccountsHarness, type TestClient } from '../../../test/apiHarness.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { openDatabase } from '../../platform/db.ts';
import { DEFAULT_SETTINGS, loadInstance } from './index.ts';

let hub: AccountsHarness;
let admin: TestClient;
beforeAll(async () => {
  hub = await startAccounts();
  admin = (await hub.person('root')).client;
});
afterAll(() => hub.close());

describe('settings', () => {
  it('begin with the defaults and change one by one', async () => {
    expect((await admin.call(getSettings, {})).body).toEqual(DEFAULT_SETTINGS);
    const before = hub.messages.length;
    const { body } = await admin.call(updateSettings, { body: { sessionHours: 12 } });
    expect(body).toEqual({ ...DEFAULT_SETTINGS, sessionHours: 12 });
    expect(hub.messages.slice(before)).toMatchObject([{ event: { type: 'settings' }, audience: { everyone: true } }]);
    await Promise.all([
      admin.call(updateSettings, { body: { selfRegistration: true } }),
      admin.call(updateSettings, { body: { sessionHours: 24 } }),
    ]);
    expect((await admin.call(getSettings, {})).body).toMatchObject({ selfRegistration: true, sessionHours: 24 });
    expect((await hub.anonymous.call(getInfo, {})).body.selfRegistration).toBe(true);
  });

  it('are for admins', async () => {
    const { client } = await hub.person('curious', 'teacher');
    expect((await client.call(getSettings, {})).status).toBe(403);
    expect((await client.call(updateSettings, { body: { selfRegistration: true } })).status).toBe(403);
  });

  it.each([
    [{ sessionHours: 0 }, 'sessionHours'],
    [{ sessionHours: '12' }, 'sessionHours'],
    [{ selfRegistration: 'yes' }, 'selfRegistration'],
    [{ colour: 'red' }, 'colour'],
    [
      { roleQuotas: { ...DEFAULT_SETTINGS.roleQuotas, user: { servers: -1, cpu: 1, memoryMb: 1, gpu: 1 } } },
      'roleQuotas.user.servers',
    ],
    [
      { roleQuotas: { user: DEFAULT_SETTINGS.roleQuotas.user, admin: DEFAULT_SETTINGS.roleQuotas.admin } },
      'roleQuotas.teacher',
    ],
  ])('refuse %j and name %s', async (body, field) => {
    const answer = await admin.send('PATCH', '/api/v1/settings', body);
    expect([answer.status, answer.fields]).toEqual([400, [field]]);
  });

  it('follow another hub within half a minute and ignore a row that no longer fits', async () => {
    await hub.settings.current();
    await hub.db.query(`UPDATE settings SET value = '48' WHERE key = 'sessionHours'`);
    await hub.db.query(`UPDATE settings SET value = '"perhaps"' WHERE key = 'selfRegistration'`);
    hub.clock.advance(30_000);
    expect(await hub.settings.current()).toMatchObject({ sessionHours: 48, selfRegistration: false });
  });
});

describe('GET /api/v1/info', () => {
  it('is public', async () => {
    const { body } = await hub.anonymous.call(getInfo, {});
    expect(body).toMatchObject({ name: 'Davit', version: '0.0.0', setupRequired: false, insecureHttp: false });
  });
});

describe('loadInstance', () => {
  it('gives the same id and key to all hubs that boot at once, and later', async () => {
    const { db, url, drop } = await createTestDatabase();
    const hubs = [db, openDatabase({ url }), openDatabase({ url })];
    const instances = await Promise.all([...hubs, ...hubs].map((one) => loadInstance(one)));
    instances.push(await loadInstance(db));
    expect(new Set(instances.map(({ id, key }) => `${id} ${key.toString('hex')}`)).size).toBe(1);
    expect(instances[0]!.id).toMatch(/^[a-z][a-z0-9]{11}$/);
    expect(instances[0]!.key).toHaveLength(32);
    await Promise.all(hubs.slice(1).map((one) => one.close()));
    await drop();
  });
});
