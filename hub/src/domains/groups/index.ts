import {
  createGroup,
  deleteGroup,
  deleteGroupMember,
  getGroup,
  getGroupPlacement,
  listGroupMembers,
  listGroups,
  putGroupMember,
  setGroupPlacement,
  updateGroup,
  type Placement,
} from '@davit/contract';
import { isAdmin, type Actor } from '../../platform/auth.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { OnDeleted } from '../users/index.ts';
import { PlacementService } from './placementService.ts';
import { GroupsService, type GroupsServiceOptions } from './service.ts';
import { GroupStore } from './store.ts';

export interface GroupsDomain {
  service: GroupsService;
  /** For the users domain: a deleted person leaves all groups. */
  removePerson: OnDeleted;
  /** Ids of the members of the groups in which the person has the role teacher. */
  taughtBy(userId: string): Promise<string[]>;
  /** Who is in a group that the actor looks after: any for an admin, one's own for a teacher, none from inside a server. */
  lookedAfter(actor: Actor, groupId: string): Promise<'all' | string[] | undefined>;
  /** Where a person's servers run on a cluster; undefined where there is none. */
  placementOf(userId: string): Promise<Placement | undefined>;
  /** For domains whose things are shared with groups. */
  sharing: GroupSharing;
  routes(api: ApiRouter): void;
}

/** What other domains may ask about groups. */
export interface GroupSharing {
  /** Ids of the groups that the person is in, the one of everybody too. */
  groupsOf(userId: string): Promise<string[]>;
  /** Names of groups by id; groups that are gone are left out. */
  groupsById(ids: readonly string[]): Promise<Map<string, string>>;
  /** A group by name, when the actor is in it or is an admin. */
  groupNamed(actor: Actor, name: string): Promise<{ id: string; name: string } | undefined>;
  /** Ids of the people of groups; undefined when everybody is in one of them. */
  membersOf(groupIds: readonly string[]): Promise<string[] | undefined>;
}

export interface GroupsDomainOptions extends Omit<GroupsServiceOptions, 'store'> {
  /** What the hub's settings say about where all servers run; left out where they do not run on a cluster. */
  hubPlacement?: Placement | undefined;
}

/** Groups of people, who teaches them, and where their servers run. */
export function createGroupsDomain({ hubPlacement, ...options }: GroupsDomainOptions): GroupsDomain {
  const store = new GroupStore(options.db);
  const service = new GroupsService({ ...options, store });
  const placements = new PlacementService({ ...options, store, hub: hubPlacement });
  return {
    service,
    removePerson: (userId, tx) => store.removePerson(userId, tx),
    taughtBy: (userId) => store.taughtBy(userId),
    lookedAfter: (actor, groupId) => service.lookedAfter(actor, groupId),
    placementOf: (userId) => placements.of(userId),
    sharing: sharingOf(store),
    routes: (api) => {
      bindRoutes(api, service);
      api.on(getGroupPlacement, ({ params }, { actor }) => placements.get(actor, params.id));
      api.on(setGroupPlacement, ({ params, body }, { actor }) => placements.set(actor, params.id, body));
    },
  };
}

function sharingOf(store: GroupStore): GroupSharing {
  return {
    groupsOf: (userId) => store.groupsOf(userId),
    groupsById: async (ids) => new Map((await store.findMany(ids)).map((group) => [group.id, group.name])),
    groupNamed: async (actor, name) => {
      const group = await store.findByName(name.replaceAll('\0', ''), actor.userId);
      return group === undefined || (group.myRole === null && !isAdmin(actor)) ? undefined : group;
    },
    membersOf: async (groupIds) => {
      const groups = await store.findMany(groupIds);
      if (groups.some((group) => group.everybody)) return undefined;
      return (await Promise.all(groups.map((group) => store.memberIds(group.id)))).flat();
    },
  };
}

function bindRoutes(api: ApiRouter, service: GroupsService): void {
  api.on(listGroups, ({ query }, { actor }) => service.list(actor, query));
  api.on(getGroup, ({ params }, { actor }) => service.get(actor, params.id));
  api.on(createGroup, ({ body }, { actor }) => service.create(actor, body));
  api.on(updateGroup, ({ params, body }, { actor }) => service.update(actor, params.id, body));
  api.on(deleteGroup, ({ params }, { actor }) => service.remove(actor, params.id));
  api.on(listGroupMembers, ({ params, query }, { actor }) => service.listMembers(actor, params.id, query));
  api.on(putGroupMember, ({ params, body }, { actor }) =>
    service.putMember(actor, params.id, params.userId, body.role),
  );
  api.on(deleteGroupMember, ({ params }, { actor }) => service.removeMember(actor, params.id, params.userId));
}
