import {
  createGroup,
  deleteGroup,
  deleteGroupMember,
  deleteUser,
  getGroup,
  listGroupMembers,
  listGroups,
  putGroupMember,
  updateGroup,
  updateUser,
} from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAccounts, type AccountsHarness, type TestClient } from '../../../test/apiHarness.ts';

let hub: AccountsHarness;
let admin: TestClient;
let teacher: TestClient;
let teacherId: string;
beforeAll(async () => {
  hub = await startAccounts();
  admin = (await hub.person('root')).client;
  ({ client: teacher, id: teacherId } = await hub.person('teacher', 'teacher'));
});
afterAll(() => hub.close());

async function group(name: string, client = teacher): Promise<string> {
  const answer = await client.call(createGroup, { body: { name } });
  expect(answer.status).toBe(201);
  return answer.body.id;
}
const put = (client: TestClient, id: string, userId: string, role: 'member' | 'teacher' = 'member') =>
  client.call(putGroupMember, { params: { id, userId }, body: { role } });
const names = async (client: TestClient) =>
  (await client.call(listGroups, { query: {} })).body.items.map((item) => item.name);
const members = async (client: TestClient, id: string) =>
  (await client.call(listGroupMembers, { params: { id }, query: {} })).body.items.map((item) => item.name);

describe('one group', () => {
  it('is told to those who are in it and to admins, with members that can be searched', async () => {
    const id = await group('sought');
    for (const name of ['ines', 'ivo', 'olga']) await put(teacher, id, (await hub.person(name)).id);
    const { client } = await hub.person('passer-by');
    const ask = { params: { id } };
    expect((await teacher.call(getGroup, ask)).body).toMatchObject({
      name: 'sought',
      memberCount: 4,
      myRole: 'teacher',
    });
    expect((await admin.call(getGroup, ask)).body).toMatchObject({ name: 'sought', myRole: null });
    expect((await client.call(getGroup, ask)).status).toBe(404);
    const found = async (search: string) =>
      (await teacher.call(listGroupMembers, { ...ask, query: { search } })).body.items.map(({ name }) => name);
    expect(await found('I')).toEqual(['ines', 'ivo']);
    expect(await found('%')).toEqual([]);
  });
});

describe('the group public', () => {
  it('has everybody who is active and is seen by everybody', async () => {
    const { client, id } = await hub.person('everybody');
    const [seen] = (await client.call(listGroups, { query: {} })).body.items;
    expect(seen).toMatchObject({ name: 'public', myRole: 'member', creatorId: null });
    await admin.call(updateUser, { params: { id }, body: { active: false } });
    const [now] = (await admin.call(listGroups, { query: {} })).body.items;
    expect(now!.memberCount).toBe(seen!.memberCount - 1);
  });

  it('cannot be changed, not even by an admin, and only admins list all people in it', async () => {
    const { client } = await hub.person('plain');
    const { id } = (await admin.call(listGroups, { query: {} })).body.items.find((item) => item.name === 'public')!;
    const answers = [
      await admin.call(updateGroup, { params: { id }, body: { name: 'other' } }),
      await admin.call(deleteGroup, { params: { id } }),
      await put(admin, id, teacherId),
      await admin.call(deleteGroupMember, { params: { id, userId: teacherId } }),
      await client.call(listGroupMembers, { params: { id }, query: {} }),
      await teacher.call(listGroupMembers, { params: { id }, query: {} }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([403, 403, 403, 403, 403, 403]);
    expect(await members(admin, id)).toContain('plain');
    expect((await teacher.call(createGroup, { body: { name: 'public' } })).status).toBe(409);
  });
});

describe('POST /api/v1/groups', () => {
  it('is for teachers and admins; the creator is the first teacher of the group', async () => {
    const answer = await teacher.call(createGroup, { body: { name: 'course-1', description: 'Monday' } });
    expect(answer.body).toMatchObject({
      name: 'course-1',
      description: 'Monday',
      creatorId: teacherId,
      memberCount: 1,
      myRole: 'teacher',
    });
    const { client } = await hub.person('student');
    expect((await client.call(createGroup, { body: { name: 'mine' } })).status).toBe(403);
  });

  it('gives a name to one of many who ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => teacher.call(createGroup, { body: { name: 'wanted' } })),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(new Set(answers.filter((answer) => answer.status === 409).flatMap((answer) => answer.fields))).toEqual(
      new Set(['name']),
    );
  });

  it.each([
    [{}, 'name'],
    [{ name: 'Upper' }, 'name'],
    [{ name: 'a..b' }, 'name'],
    [{ name: 'x'.repeat(61) }, 'name'],
    [{ name: 'ok', description: 'a\u0000' }, 'description'],
  ])('refuses %j and names %s', async (body, field) => {
    const answer = await teacher.send('POST', '/api/v1/groups', body);
    expect([answer.status, answer.fields]).toEqual([400, [field]]);
  });
});

describe('a group', () => {
  it('is seen by its members and admins, and by nobody else', async () => {
    const id = await group('seen');
    const inside = await hub.person('inside');
    const outside = await hub.person('outside', 'teacher');
    await put(teacher, id, inside.id);
    expect(await names(inside.client)).toEqual(['public', 'seen']);
    expect(await members(inside.client, id)).toEqual(['inside', 'teacher']);
    expect(await names(outside.client)).toEqual(['public']);
    const params = { id };
    expect((await outside.client.call(listGroupMembers, { params, query: {} })).status).toBe(404);
    expect((await outside.client.call(updateGroup, { params, body: { name: 'stolen' } })).status).toBe(404);
    const all = (await admin.call(listGroups, { query: {} })).body.items;
    expect(all.find((item) => item.id === id)).toMatchObject({ myRole: null, memberCount: 2 });
  });

  it('is changed by its teachers and admins only', async () => {
    const id = await group('managed');
    const student = await hub.person('managed-student');
    const colleague = await hub.person('managed-colleague', 'teacher');
    await put(teacher, id, student.id);
    await put(teacher, id, colleague.id);
    for (const { client } of [student, colleague]) {
      const answers = [
        await client.call(updateGroup, { params: { id }, body: { description: 'x' } }),
        await client.call(deleteGroup, { params: { id } }),
        await put(client, id, student.id, 'teacher'),
        await client.call(deleteGroupMember, { params: { id, userId: student.id } }),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([403, 403, 403, 403]);
    }
    await put(admin, id, colleague.id, 'teacher');
    const changed = await colleague.client.call(updateGroup, { params: { id }, body: { name: 'renamed' } });
    expect(changed.body).toMatchObject({ name: 'renamed', description: '' });
    expect((await colleague.client.call(deleteGroup, { params: { id } })).status).toBe(204);
    expect(await names(student.client)).toEqual(['public']);
  });

  it('is closed to people who add themselves', async () => {
    const id = await group('closed');
    const student = await hub.person('pushy');
    expect((await put(student.client, id, student.id)).status).toBe(404);
    expect(await members(teacher, id)).toEqual(['teacher']);
  });

  it('has only teachers of the hub as teachers, and one who is no longer loses the rights', async () => {
    const id = await group('taught');
    const student = await hub.person('no-teacher');
    const refused = await put(teacher, id, student.id, 'teacher');
    expect([refused.status, refused.fields]).toEqual([409, ['role']]);
    const other = await hub.person('for-a-while', 'teacher');
    expect((await put(teacher, id, other.id, 'teacher')).body.role).toBe('teacher');
    await admin.call(updateUser, { params: { id: other.id }, body: { role: 'user' } });
    expect((await put(other.client, id, student.id)).status).toBe(403);
  });

  it('loses its members one by one and with their accounts', async () => {
    const id = await group('shrinking');
    const [one, two] = [await hub.person('shrink1'), await hub.person('shrink2')];
    await Promise.all([put(teacher, id, one.id), put(teacher, id, two.id), put(teacher, id, two.id)]);
    expect(await members(teacher, id)).toEqual(['shrink1', 'shrink2', 'teacher']);
    const params = { id, userId: one.id };
    const before = hub.messages.length;
    expect((await teacher.call(deleteGroupMember, { params })).status).toBe(204);
    expect(hub.messages[before]!.audience.userIds).toContain(one.id);
    expect((await teacher.call(deleteGroupMember, { params })).status).toBe(404);
    await admin.call(deleteUser, { params: { id: two.id } });
    expect(await members(teacher, id)).toEqual(['teacher']);
    expect((await put(teacher, id, two.id)).status).toBe(404);
  });

  it('keeps its name from another', async () => {
    await group('first-name');
    const id = await group('second-name');
    const answer = await teacher.call(updateGroup, { params: { id }, body: { name: 'first-name' } });
    expect([answer.status, answer.fields]).toEqual([409, ['name']]);
  });

  it('names bad fields', async () => {
    const id = await group('fields');
    expect((await teacher.send('PATCH', `/api/v1/groups/${id}`, { title: 'x' })).fields).toEqual(['title']);
    expect((await teacher.send('PUT', `/api/v1/groups/${id}/members/x`, {})).fields).toEqual(['userId']);
    const role = await teacher.send('PUT', `/api/v1/groups/${id}/members/${teacherId}`, { role: 'owner' });
    expect([role.status, role.fields]).toEqual([400, ['role']]);
    expect((await teacher.send('GET', '/api/v1/groups?limit=no')).fields).toEqual(['limit']);
  });
});

describe('lists', () => {
  it('page groups and members by name', async () => {
    const own = await startAccounts();
    const { client } = await own.person('lecturer', 'teacher');
    const ids: string[] = [];
    for (const name of ['c', 'a', 'b']) ids.push((await client.call(createGroup, { body: { name } })).body.id);
    for (const name of ['Zoe', 'adam', 'Eva']) await put(client, ids[0]!, (await own.person(name)).id);
    const read = async (
      page: (cursor?: string) => Promise<{ items: { name: string }[]; nextCursor: string | null }>,
    ) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const { items, nextCursor } = await page(cursor);
        seen.push(...items.map((item) => item.name));
        cursor = nextCursor ?? undefined;
      } while (cursor !== undefined);
      return seen;
    };
    const params = { id: ids[0]! };
    expect(await read(async (cursor) => (await client.call(listGroups, { query: { limit: 1, cursor } })).body)).toEqual(
      ['a', 'b', 'c', 'public'],
    );
    expect(
      await read(async (cursor) => (await client.call(listGroupMembers, { params, query: { limit: 2, cursor } })).body),
    ).toEqual(['adam', 'Eva', 'lecturer', 'Zoe']);
    await own.close();
  });
});

describe('what is shared with groups', () => {
  it('follows who is in them; the group public is everybody, others are known to their members and admins', async () => {
    const { id: memberId } = await hub.person('sharer');
    const { id: strangerId } = await hub.person('stranger');
    const id = await group('sharing');
    await put(teacher, id, memberId);
    const { sharing } = hub.groups;
    const { people } = hub.users;
    const everybody = (await sharing.groupsOf(strangerId))[0] ?? '';
    expect((await sharing.groupsOf(memberId)).sort()).toEqual([everybody, id].sort());
    expect(await sharing.membersOf([id])).toEqual(expect.arrayContaining([memberId, teacherId]));
    expect(await sharing.membersOf([id, everybody])).toBeUndefined();
    expect([...(await sharing.groupsById([id, 'gone00000000']))]).toEqual([[id, 'sharing']]);
    const actor = (userId: string, role: 'user' | 'admin') =>
      ({ userId, name: '', role, scopes: new Set(['admin' as const]), via: { kind: 'session', id: '' } }) as const;
    expect(await sharing.groupNamed(actor(memberId, 'user'), 'sharing')).toMatchObject({ id });
    expect(await sharing.groupNamed(actor(strangerId, 'user'), 'sharing')).toBeUndefined();
    expect(await sharing.groupNamed(actor(strangerId, 'admin'), 'sharing')).toMatchObject({ id });
    expect(await sharing.groupNamed(actor(strangerId, 'user'), 'public\0')).toMatchObject({ id: everybody });
    expect(await people.findByName('SHARER')).toMatchObject({ id: memberId });
    expect([...(await people.namesOf([memberId]))]).toEqual([[memberId, 'sharer']]);
    await teacher.call(deleteGroupMember, { params: { id, userId: memberId } });
    expect(await sharing.groupsOf(memberId)).toEqual([everybody]);
  });
});

describe('whose servers somebody sees', () => {
  it('an admin all, a teacher the members of the own groups, everybody else only the own', async () => {
    const id = await group('visible');
    const other = await hub.person('visible-teacher', 'teacher');
    const [student, helper] = [await hub.person('visible-student'), await hub.person('visible-helper', 'teacher')];
    await put(teacher, id, student.id);
    await put(teacher, id, helper.id);
    const visibleTo = async (client: TestClient) =>
      hub.users.people.visibleTo((await hub.sessions.authenticate(client.headers))!);
    expect(await visibleTo(admin)).toBe('all');
    expect(await visibleTo(teacher)).toEqual(expect.arrayContaining([teacherId, student.id, helper.id]));
    expect(await visibleTo(student.client)).toEqual([student.id]);
    expect(await visibleTo(helper.client)).toEqual([helper.id]);
    expect(await visibleTo(other.client)).toEqual([other.id]);
    await admin.call(updateUser, { params: { id: teacherId }, body: { role: 'user' } });
    expect(await visibleTo(teacher)).toEqual([teacherId]);
    await admin.call(updateUser, { params: { id: teacherId }, body: { role: 'teacher' } });
  });

  it('a group at a time those who look after it, and never from inside a server', async () => {
    const id = await group('watched');
    const helper = await hub.person('watched-helper', 'teacher');
    await put(teacher, id, helper.id);
    const actorOf = async (client: TestClient) => (await hub.sessions.authenticate(client.headers))!;
    const { lookedAfter } = hub.groups;
    for (const client of [teacher, admin]) {
      expect((await lookedAfter(await actorOf(client), id)) as string[]).toEqual(
        expect.arrayContaining([teacherId, helper.id]),
      );
      const inside = { ...(await actorOf(client)), server: { id: 'server000000' } };
      expect(await lookedAfter(inside, id)).toBeUndefined();
      expect(await lookedAfter(await actorOf(client), 'nothing00000')).toBeUndefined();
    }
    expect(await lookedAfter(await actorOf(helper.client), id)).toBeUndefined();
    const { items } = (await admin.call(listGroups, { query: { limit: 200 } })).body;
    const everybody = items.find(({ name }) => name === 'public')?.id ?? '';
    expect(await lookedAfter(await actorOf(admin), everybody)).toBe('all');
    expect(await lookedAfter(await actorOf(teacher), everybody)).toBeUndefined();
  });
});
