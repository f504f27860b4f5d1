import {
  createServer,
  deleteServer,
  getServer,
  getServerLogs,
  getSizes,
  listServers,
  openServer,
  resetServer,
  startServer,
  stopServer,
} from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { ServersService } from './service.ts';

/** Makes the single-use link to a path of a server, which the actor was found to be allowed to open. */
export type IssueLink = (actor: Actor, grant: { serverId: string; path: string }) => Promise<string>;

/** Binds the endpoints of servers. */
export function serverRoutes(api: ApiRouter, service: ServersService, issueLink: IssueLink): void {
  api
    .on(listServers, ({ query }, { actor }) => service.list(actor, query))
    .on(createServer, ({ body }, { actor }) => service.create(actor, body))
    .on(getServer, ({ params }, { actor }) => service.get(actor, params.id))
    .on(deleteServer, ({ params }, { actor }) => service.delete(actor, params.id))
    .on(startServer, ({ params }, { actor }) => service.start(actor, params.id))
    .on(stopServer, ({ params }, { actor }) => service.stop(actor, params.id))
    .on(resetServer, ({ params }, { actor }) => service.reset(actor, params.id))
    .on(openServer, async ({ params, body }, { actor }) => {
      const { serverId, path } = await service.authorizeOpen(actor, params.id, body);
      return { url: await issueLink(actor, { serverId, path }) };
    })
    .on(getServerLogs, ({ params, query }, { actor }) => service.logs(actor, params.id, query.tail))
    .on(getSizes, (_, { actor }) => service.sizes(actor));
}
