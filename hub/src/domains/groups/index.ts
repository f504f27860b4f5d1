import {
  createGroup,
  deleteGroup,
  deleteGroupMember,
  listGroupMembers,
  listGroups,
  putGroupMember,
  updateGroup,
} from '@davit/contract';
import type { ApiRouter } from '../../platform/http.ts';
import type { OnDeleted } from '../users/index.ts';
import { GroupsService, type GroupsServiceOptions } from './service.ts';
import { GroupStore } from './store.ts';

export interface GroupsDomain {
  service: GroupsService;
  /** For the users domain: a deleted person leaves all groups. */
  removePerson: OnDeleted;
  /** Ids of the members of the groups in which the person has the role teacher. */
  taughtBy(userId: string): Promise<string[]>;
  routes(api: ApiRouter): void;
}

/** Groups of people and who teaches them. */
export function createGroupsDomain(options: Omit<GroupsServiceOptions, 'store'>): GroupsDomain {
  const store = new GroupStore(options.db);
  const service = new GroupsService({ ...options, store });
  return {
    service,
    removePerson: (userId, tx) => store.removePerson(userId, tx),
    taughtBy: (userId) => store.taughtBy(userId),
    routes: (api) => {
      bindRoutes(api, service);
    },
  };
}

function bindRoutes(api: ApiRouter, service: GroupsService): void {
  api.on(listGroups, ({ query }, { actor }) => service.list(actor, query));
  api.on(createGroup, ({ body }, { actor }) => service.create(actor, body));
  api.on(updateGroup, ({ params, body }, { actor }) => service.update(actor, params.id, body));
  api.on(deleteGroup, ({ params }, { actor }) => service.remove(actor, params.id));
  api.on(listGroupMembers, ({ params, query }, { actor }) => service.listMembers(actor, params.id, query));
  api.on(putGroupMember, ({ params, body }, { actor }) =>
    service.putMember(actor, params.id, params.userId, body.role),
  );
  api.on(deleteGroupMember, ({ params }, { actor }) => service.removeMember(actor, params.id, params.userId));
}
