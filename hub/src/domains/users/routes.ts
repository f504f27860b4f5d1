import {
  createPasswordLink,
  createUser,
  deleteUser,
  findPerson,
  getUser,
  importUsers,
  listUsers,
  updateUser,
} from '@davit/contract';
import type { ApiRouter } from '../../platform/http.ts';
import type { Importer } from './importer.ts';
import type { UsersService } from './service.ts';

/** Binds the endpoints of people. */
export function bindUserRoutes(api: ApiRouter, service: UsersService, importer: Importer): void {
  api.on(listUsers, ({ query }, { actor }) => service.list(actor, query));
  api.on(createUser, ({ body }, { actor }) => service.create(actor, body));
  api.on(importUsers, ({ body }, { actor }) => importer.run(actor, body.csv));
  api.on(getUser, ({ params }, { actor }) => service.get(actor, params.id));
  api.on(updateUser, ({ params, body }, { actor }) => service.update(actor, params.id, body));
  api.on(deleteUser, ({ params }, { actor }) => service.remove(actor, params.id));
  api.on(createPasswordLink, ({ params }, { actor }) => service.createPasswordLink(actor, params.id));
  api.on(findPerson, ({ query }, { actor }) => service.findPerson(actor, query.name));
}
