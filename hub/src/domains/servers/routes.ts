import {
  createServer,
  deleteServer,
  getRelease,
  getServer,
  getServerLogs,
  getServerMetrics,
  getSizes,
  keepServer,
  listServers,
  openServer,
  releaseServer,
  reportInput,
  resetServer,
  setReleasePolicy,
  startServer,
  stopServer,
} from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { ApiRouter } from '../../platform/http.ts';
import type { ReleaseService } from './releaseService.ts';
import type { ServersService } from './service.ts';

/** Makes the single-use link to a path of a server, which the actor was found to be allowed to open. */
export type IssueLink = (actor: Actor, grant: { serverId: string; path: string; language?: string }) => Promise<string>;

/** Binds the endpoints of servers. */
export function serverRoutes(
  api: ApiRouter,
  { service, releases, issueLink }: { service: ServersService; releases: ReleaseService; issueLink: IssueLink },
): void {
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
      await releases.noteInput(serverId);
      const { language } = body;
      return { url: await issueLink(actor, { serverId, path, ...(language === undefined ? {} : { language }) }) };
    })
    .on(getServerLogs, ({ params, query }, { actor }) => service.logs(actor, params.id, query.tail))
    .on(getServerMetrics, ({ params }, { actor }) => service.metrics(actor, params.id))
    .on(getSizes, (_, { actor }) => service.sizes(actor))
    .on(getRelease, ({ params }, { actor }) => releases.get(actor, params.id))
    .on(releaseServer, ({ params }, { actor }) => releases.release(actor, params.id))
    .on(setReleasePolicy, ({ params, body }, { actor }) => releases.setPolicy(actor, params.id, body.policy))
    .on(keepServer, ({ params, body }, { actor }) => releases.keep(actor, params.id, body.hours))
    .on(reportInput, ({ params }, { actor }) => releases.reportInput(actor, params.id));
}
