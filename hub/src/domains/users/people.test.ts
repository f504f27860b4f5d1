import { deleteUser, updateSettings, updateUser } from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { startAccounts, type AccountsHarness, type TestClient } from '../../../test/apiHarness.ts';

let hub: AccountsHarness;
let admin: TestClient;
beforeAll(async () => {
  hub = await startAccounts();
  admin = (await hub.person('root')).client;
});
afterAll(() => hub.close());

describe('people', () => {
  it('have the quota of their role with their own exceptions, as it is now', async () => {
    const { id } = await hub.person('quota');
    const quota = async () => (await hub.users.people.find(id))?.quota;
    expect(await quota()).toEqual({ servers: 3, cpu: 4, memoryMb: 16_384, gpu: 1 });
    await admin.call(updateUser, { params: { id }, body: { quota: { gpu: 0 } } });
    expect(await quota()).toEqual({ servers: 3, cpu: 4, memoryMb: 16_384, gpu: 0 });
    const { roleQuotas } = await hub.settings.current();
    const changed = { ...roleQuotas, user: { servers: 8, cpu: 8, memoryMb: 8192, gpu: 8 } };
    await admin.call(updateSettings, { body: { roleQuotas: changed } });
    expect(await quota()).toEqual({ servers: 8, cpu: 8, memoryMb: 8192, gpu: 0 });
    await admin.call(updateUser, { params: { id }, body: { quota: {}, role: 'teacher' } });
    expect(await quota()).toEqual(roleQuotas.teacher);
  });

  it('are unknown by an id that nobody has', async () => {
    expect(await hub.users.people.find('zzzzzzzzzzzz')).toBeUndefined();
  });

  it('tell their names in one query, deleted ones theirs too', async () => {
    const [one, two, gone] = [
      await hub.person('name-one'),
      await hub.person('name-two'),
      await hub.person('name-gone'),
    ];
    await admin.call(deleteUser, { params: { id: gone.id } });
    const query = jest.spyOn(hub.db, 'query');
    const names = await hub.users.people.namesOf([one.id, two.id, gone.id, 'zzzzzzzzzzzz']);
    expect(query).toHaveBeenCalledTimes(1);
    expect(await hub.users.people.namesOf([])).toEqual(new Map());
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    expect(Object.fromEntries(names)).toEqual({
      [one.id]: 'name-one',
      [two.id]: 'name-two',
      [gone.id]: 'name-gone',
    });
  });

  it('cannot be deactivated while they are locked', async () => {
    const { id } = await hub.person('locked');
    let deactivated = false;
    const change = await hub.db.transaction(async (tx) => {
      expect(await hub.users.people.lock(id, tx)).toMatchObject({ id, active: true });
      const answer = admin.call(updateUser, { params: { id }, body: { active: false } }).then(() => {
        deactivated = true;
      });
      await wait(200);
      expect(deactivated).toBe(false);
      return { answer };
    });
    await change.answer;
    expect((await hub.users.people.find(id))?.active).toBe(false);
  });

  it('can be locked by more transactions at once than the pool has connections, with settings to be read anew', async () => {
    const { id } = await hub.person('pool');
    hub.clock.advance(60_000);
    const quotas = await Promise.all(
      Array.from({ length: 30 }, () => hub.db.transaction(async (tx) => (await hub.users.people.lock(id, tx))?.quota)),
    );
    expect(quotas.every((quota) => quota?.servers === 8)).toBe(true);
  });
});
