import { createSession, importUsers } from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAccounts, type AccountsHarness, type TestClient } from '../../../test/apiHarness.ts';
import { parsePeople } from './csv.ts';

describe('POST /api/v1/users/import', () => {
  let hub: AccountsHarness;
  let admin: TestClient;
  beforeAll(async () => {
    hub = await startAccounts();
    admin = (await hub.person('root')).client;
  });
  afterAll(() => hub.close());

  it('creates who can be created and reports each line', async () => {
    const csv = [
      '\uFEFFname,displayName,role,password,active',
      'import1,"Doe, Jane",teacher,long enough,',
      'import2,,,,no',
      'bad name,,,,',
      'import3,,king,,',
      'import4,,,short,maybe',
      'ROOT,,,,',
      'import1,again,,,',
      '',
      'import5,a,user,,true,one too many',
      'import6',
    ].join('\r\n');
    const { items } = (await admin.call(importUsers, { body: { csv } })).body;
    expect(items.map(({ line, name, status }) => [line, name, status])).toEqual([
      [2, 'import1', 'created'],
      [3, 'import2', 'created'],
      [4, 'bad name', 'refused'],
      [5, 'import3', 'refused'],
      [6, 'import4', 'refused'],
      [7, 'ROOT', 'exists'],
      [8, 'import1', 'exists'],
      [10, 'import5', 'refused'],
      [11, 'import6', 'created'],
    ]);
    expect(items[0]!.passwordLink).toBeUndefined();
    expect(items[8]!.passwordLink).toContain('/link#');
    expect(items[4]!.message).toMatch(/password: .*active: /);
    const body = { name: 'import1', password: 'long enough' };
    const { user } = (await hub.anonymous.call(createSession, { body })).body;
    expect(user).toMatchObject({ displayName: 'Doe, Jane', role: 'teacher', active: true });
  });

  it('can be run twice: the second time all exist', async () => {
    const csv = `name\n${Array.from({ length: 20 }, (_, n) => `twice${n}`).join('\n')}`;
    const first = (await admin.call(importUsers, { body: { csv } })).body.items;
    const second = (await admin.call(importUsers, { body: { csv } })).body.items;
    expect(new Set(first.map((item) => item.status))).toEqual(new Set(['created']));
    expect(new Set(second.map((item) => item.status))).toEqual(new Set(['exists']));
  });

  it.each([
    ['name,rol\nx,admin', 'rol'],
    ['displayName\nx', 'name'],
    ['name,name\nx,y', 'name'],
    ['name;role\nx;admin', 'name;role'],
    ['\n\n', 'empty'],
    [`name\n${'x\n'.repeat(2001)}`, '2000'],
  ])('refuses a file that begins with %j and says why', async (csv, word) => {
    const answer = await admin.send('POST', '/api/v1/users/import', { csv });
    expect([answer.status, answer.fields]).toEqual([400, ['csv']]);
    expect((answer.body as { detail: string }).detail).toContain(word);
  });

  it('wants a text', async () => {
    expect((await admin.send('POST', '/api/v1/users/import', {})).fields).toEqual(['csv']);
  });
});

describe('parsePeople', () => {
  it('keeps quoted spaces of a password and trims the rest', () => {
    const [line] = parsePeople('name, password\n  ada ," spaced out "');
    expect(line).toMatchObject({ name: 'ada', person: { password: ' spaced out ' } });
  });

  it('takes quotes in the middle of a value as they are', () => {
    const lines = parsePeople('name,displayName\nada,A "quoted" word\nbob,Bob\n');
    expect(lines).toMatchObject([{ person: { displayName: 'A "quoted" word' } }, { name: 'bob' }]);
  });

  it('does not lose people silently when a quote is never closed', () => {
    const read = () => parsePeople('name,displayName\nada,"never closed\nbob,Bob\n');
    expect(read).toThrow(/The CSV cannot be read: Quote Not Closed/);
  });
});
