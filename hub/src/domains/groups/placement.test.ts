import {
  createGroup,
  deleteGroup,
  getGroupPlacement,
  groupPlacementSchema,
  listGroups,
  placementSchema,
  putGroupMember,
  setGroupPlacement,
  type GroupPlacement,
  type Placement,
} from '@davit/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAccounts, type AccountsHarness, type TestClient } from '../../../test/apiHarness.ts';
import { badRequest } from '../../platform/errors.ts';
import { joinPlacements, NO_HUB_PLACEMENT, type PlacedGroup } from './placement.ts';

const placement = (changes: Partial<GroupPlacement> = {}): GroupPlacement => ({
  ...groupPlacementSchema.parse({}),
  ...changes,
});
const HUB: Placement = placementSchema.parse({ nodeSelector: { site: 'north' }, imagePullSecrets: ['registry'] });

describe('joinPlacements', () => {
  const of = (name: string, changes: Partial<GroupPlacement>): PlacedGroup => ({
    name,
    everybody: name === 'public',
    placement: placement(changes),
  });
  const join = (groups: PlacedGroup[], hub: Partial<Placement> = {}) =>
    joinPlacements(groups, { ...NO_HUB_PLACEMENT, ...hub });

  it('is the hub’s settings where no group says anything', () => {
    expect(joinPlacements([], HUB)).toEqual(HUB);
    expect(joinPlacements([of('a', {}), of('public', {})], HUB)).toEqual(HUB);
  });

  it('adds up labels, tolerations and pull secrets, each once', () => {
    const groups = [
      of('a', {
        nodeSelector: { pool: 'gpu' },
        tolerations: [{ key: 'gpu' }, { key: 'lab', value: 'x', effect: 'NoSchedule' }],
        imagePullSecrets: ['lab', 'registry'],
      }),
      of('b', {
        nodeSelector: { zone: '1' },
        tolerations: [
          { effect: 'NoSchedule', value: 'x', key: 'lab' },
          { key: 'lab', value: 'y' },
        ],
        imagePullSecrets: ['other'],
      }),
    ];
    expect(joinPlacements(groups, HUB)).toEqual({
      nodeSelector: { site: 'north', pool: 'gpu', zone: '1' },
      tolerations: [{ key: 'gpu' }, { key: 'lab', value: 'x', effect: 'NoSchedule' }, { key: 'lab', value: 'y' }],
      priorityClassName: null,
      runtimeClassName: null,
      imagePullSecrets: ['registry', 'lab', 'other'],
    });
  });

  const said = (pool: string, precedence = 0) => ({ nodeSelector: { pool }, runtimeClassName: pool, precedence });
  it.each([
    ['the higher precedence', [of('a', said('a')), of('b', said('b', 1))], 'b'],
    ['of equal ones the earlier name', [of('b', said('b')), of('a', said('a'))], 'a'],
    ['everybody’s group last, whatever its precedence', [of('public', said('p', 1000)), of('z', said('z'))], 'z'],
    ['the only one that says something', [of('a', { precedence: 9 }), of('b', said('b'))], 'b'],
  ])('takes what can only be said once from %s', (_, groups, expected) => {
    for (const order of [groups, [...groups].reverse()]) {
      expect(join(order)).toMatchObject({ nodeSelector: { pool: expected }, runtimeClassName: expected });
    }
  });

  it('keeps servers within the hub’s own machines, while its classes are what a group may replace', () => {
    const hub = { nodeSelector: { pool: 'hub' }, runtimeClassName: 'hub', priorityClassName: 'low' };
    expect(join([of('a', said('a', 1000))], hub)).toMatchObject({
      nodeSelector: { pool: 'hub' },
      runtimeClassName: 'a',
      priorityClassName: 'low',
    });
  });
});

describe('the placement of a group', () => {
  let hub: AccountsHarness;
  let admin: TestClient;
  let teacher: TestClient;
  let id: string;
  beforeAll(async () => {
    hub = await startAccounts({ hubPlacement: HUB });
    admin = (await hub.person('root')).client;
    teacher = (await hub.person('teacher', 'teacher')).client;
    id = (await teacher.call(createGroup, { body: { name: 'course' } })).body.id;
  });
  afterAll(() => hub.close());

  const get = (client: TestClient, group = id) => client.call(getGroupPlacement, { params: { id: group } });
  const set = (client: TestClient, body: Partial<GroupPlacement>, group = id) =>
    client.call(setGroupPlacement, { params: { id: group }, body });

  it('is empty at first, and whole as the admin sets it', async () => {
    expect((await get(admin)).body).toEqual({ applies: true, placement: placement(), hub: HUB });
    const wanted = placement({
      nodeSelector: { 'example.org/pool': 'gpu', empty: '', site: 'north' },
      tolerations: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
      priorityClassName: 'course.low',
      runtimeClassName: 'sandbox',
      imagePullSecrets: ['course-registry'],
      precedence: 10,
    });
    const before = hub.messages.length;
    expect((await set(admin, wanted)).body).toEqual({ applies: true, placement: wanted, hub: HUB });
    expect(hub.messages.slice(before)).toMatchObject([{ event: { type: 'group', id }, audience: {} }]);
    expect((await get(admin)).body.placement).toEqual(wanted);
    // What is left out is emptied.
    expect((await set(admin, { precedence: 3 })).body.placement).toEqual(placement({ precedence: 3 }));
  });

  it('is for admins alone, not for the teacher whose group it is, and no list tells it', async () => {
    await set(admin, { nodeSelector: { secret: 'place' } });
    const member = await hub.person('member');
    await teacher.call(putGroupMember, { params: { id, userId: member.id }, body: { role: 'member' } });
    for (const client of [teacher, member.client]) {
      expect([(await get(client)).status, (await set(client, {})).status]).toEqual([403, 403]);
      expect(JSON.stringify((await client.call(listGroups, { query: {} })).body)).not.toContain('place');
    }
    expect([(await get(hub.anonymous)).status, (await set(hub.anonymous, {})).status]).toEqual([401, 401]);
    const answer = await admin.send('POST', '/api/v1/tokens', { name: 'robot', scopes: ['read', 'servers'] });
    const { token } = answer.body as { token: string };
    const bearer = { authorization: `Bearer ${token}` };
    const robot = await fetch(`${hub.url}/api/v1/groups/${id}/placement`, { headers: bearer });
    expect(robot.status).toBe(403);
    expect((await get(admin)).body.placement.nodeSelector).toEqual({ secret: 'place' });
  });

  it('may be that of everybody', async () => {
    const everybody = (await admin.call(listGroups, { query: {} })).body.items.find(({ name }) => name === 'public')!;
    await set(admin, { priorityClassName: 'low' }, everybody.id);
    const { id: userId } = await hub.person('anybody');
    expect(await hub.groups.placementOf(userId)).toEqual({ ...HUB, priorityClassName: 'low' });
    await set(admin, {}, everybody.id);
  });

  it('follows who is in the group', async () => {
    await set(admin, { nodeSelector: { pool: 'gpu' } });
    const [inside, outside] = [await hub.person('inside'), await hub.person('outside')];
    await teacher.call(putGroupMember, { params: { id, userId: inside.id }, body: { role: 'member' } });
    expect((await hub.groups.placementOf(inside.id))?.nodeSelector).toEqual({ site: 'north', pool: 'gpu' });
    expect(await hub.groups.placementOf(outside.id)).toEqual(HUB);
  });

  it('is gone with the group', async () => {
    const { id: gone } = (await teacher.call(createGroup, { body: { name: 'gone' } })).body;
    await set(admin, { nodeSelector: { pool: 'gone' } }, gone);
    await teacher.call(deleteGroup, { params: { id: gone } });
    expect([(await get(admin, gone)).status, (await set(admin, {}, gone)).status]).toEqual([404, 404]);
  });

  const long = 'x'.repeat(64);
  const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, '']));
  it.each([
    [{ nodeSelector: { 'a b': 'x' } }, 'nodeSelector.a b'],
    [{ nodeSelector: { [long]: 'x' } }, `nodeSelector.${long}`],
    [{ nodeSelector: { 'Upper.org/a': 'x' } }, 'nodeSelector.Upper.org/a'],
    [{ nodeSelector: { 'a/b/c': 'x' } }, 'nodeSelector.a/b/c'],
    [{ nodeSelector: { [`${'x'.repeat(254)}/a`]: 'x' } }, `nodeSelector.${'x'.repeat(254)}/a`],
    [{ nodeSelector: { pool: '-x' } }, 'nodeSelector.pool'],
    [{ nodeSelector: { pool: long } }, 'nodeSelector.pool'],
    [{ nodeSelector: { site: 'south' } }, 'nodeSelector.site'],
    [{ nodeSelector: many }, 'nodeSelector'],
    [{ tolerations: [{ key: '' }] }, 'tolerations.0.key'],
    [{ tolerations: [{}] }, 'tolerations.0.key'],
    [{ tolerations: [{ key: 'a', operator: 'Exists' }] }, 'tolerations.0.operator'],
    [{ tolerations: [{ key: 'a' }, { key: 'node.kubernetes.io/unschedulable' }] }, 'tolerations.1.key'],
    [{ tolerations: [{ key: 'node-role.kubernetes.io/control-plane' }] }, 'tolerations.0.key'],
    [{ tolerations: [{ key: 'a', value: 'b c' }] }, 'tolerations.0.value'],
    [{ tolerations: [{ key: 'a', value: '' }] }, 'tolerations.0.value'],
    [{ tolerations: [{ key: 'a', effect: 'Sometimes' }] }, 'tolerations.0.effect'],
    [{ priorityClassName: 'system-node-critical' }, 'priorityClassName'],
    [{ priorityClassName: 'Upper' }, 'priorityClassName'],
    [{ runtimeClassName: '../x' }, 'runtimeClassName'],
    [{ runtimeClassName: 'x'.repeat(254) }, 'runtimeClassName'],
    [{ imagePullSecrets: ['ok', 'not ok'] }, 'imagePullSecrets.1'],
    [{ precedence: -1 }, 'precedence'],
    [{ hostNetwork: true }, 'hostNetwork'],
  ])('refuses %j and names %s', async (body, field) => {
    const answer = await admin.send('PUT', `/api/v1/groups/${id}/placement`, body);
    expect([answer.status, [...new Set(answer.fields)]]).toEqual([400, [field]]);
  });
});

it('says what is wrong with a label’s key', () => {
  const problem = badRequest(groupPlacementSchema.safeParse({ nodeSelector: { 'a b': '' } }).error!, 'body');
  expect(problem.fields).toEqual([
    { path: 'nodeSelector.a b', message: expect.stringContaining('letters and digits with . _ - between') },
  ]);
});

describe('on a single machine', () => {
  it('there is nothing to place', async () => {
    const hub = await startAccounts();
    const { client: admin } = await hub.person('root');
    const { id } = (await admin.call(createGroup, { body: { name: 'course' } })).body;
    const { body } = await admin.call(getGroupPlacement, { params: { id } });
    expect(body).toEqual({ applies: false, placement: placement(), hub: NO_HUB_PLACEMENT });
    const answer = await admin.call(setGroupPlacement, { params: { id }, body: { precedence: 1 } });
    expect(answer.status).toBe(409);
    expect(await hub.groups.placementOf('anybody00000')).toBeUndefined();
    await hub.close();
  });
});
