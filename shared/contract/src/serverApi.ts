import { z } from 'zod';
import { createClient, type ApiClient, type ClientOptions } from './client.ts';
import { idSchema } from './common.ts';
import { defineRoute } from './route.ts';
import { serverPhaseSchema } from './servers.ts';

/*
 * What an extension must know to reach the hub from inside a server.
 *
 * In the page (JupyterLab): the hub answers on the server's own origin. Base URL: '' with host routing, `/s/<id>` in path
 * mode, that is what stands before `/jupyterlab/` in the page's own path. The browser sends the server's cookie by itself;
 * there is no token in the page, and writes need the page's own Origin, which browsers send.
 *   createServerClient({ baseUrl: location.origin + base })
 *   io(location.origin, { path: base + SERVER_LIVE_PATH, transports: ['websocket'] })
 *
 * In a process of the container (VS Code's extension host, scripts): `DAVIT_API_URL` is `http://<host>:<port>` without a
 * path; when it is not set the container has no way to the hub. The token is the content of `/run/davit/token`, sent as
 * `Authorization: Bearer <token>`. The hub replaces it about once an hour; the old one is good for ten more minutes, and all
 * of them end with the container. So read the file for each call (or again after a 401), never keep or log it.
 *   createServerClient({ baseUrl: DAVIT_API_URL, headers: () => ({ authorization: `Bearer ${readTokenFile()}` }) })
 *   io(DAVIT_API_URL, { path: SERVER_LIVE_PATH, transports: ['websocket'], extraHeaders: { authorization: … } })
 * The hub closes such a socket when its token ends: open another one with the token of that moment.
 *
 * Both ways: ask `getServerApiInfo` first, it names the server (`server.id` is the `{id}` of all routes), the person and the
 * hub. Routes with `serverApi` are there at `/api/davit/v1/…`, all others are 404, and so is every other server. Errors are
 * problem+json as everywhere (ApiError). Events `change` tell of this server and of its owner's images and image jobs; after
 * a reconnect ask again for all that is shown. While the hub restarts, calls fail for some seconds: try again.
 * `openServer` answers the plain address: the browser is signed in at the server already.
 */

/**
 * Where a server's own origin and the code inside reach the hub: each route with `serverApi` under `SERVER_API_PATH` in
 * place of `/api/v1`, with the rights of that server and its owner, never an admin's. Version 1 stays compatible for
 * years: saved images carry old extensions.
 */
export const SERVER_API_PATH = '/api/davit/v1';

/** Where pages of a server's origin connect for live events about that server and its owner's images. */
export const SERVER_LIVE_PATH = '/api/davit/socket.io';

/** What an extension asks first, at `GET {SERVER_API_PATH}/info`. `hubUrl` is where the hub's own pages are. */
export const serverApiInfoSchema = z.object({
  api: z.literal(1),
  version: z.string(),
  hubUrl: z.url(),
  user: z.object({ id: idSchema, name: z.string() }),
  server: z.object({ id: idSchema, name: z.string(), phase: serverPhaseSchema }),
});
export type ServerApiInfo = z.infer<typeof serverApiInfoSchema>;

/** The path of a hub route on a server's origin. */
export function serverApiPath(hubPath: string): string {
  return hubPath.replace(/^\/api\/v1/, SERVER_API_PATH);
}

/** `info` of the server API; only there, the hub's own tells of the hub. */
export const getServerApiInfo = defineRoute('getServerApiInfo', {
  method: 'GET',
  path: `${SERVER_API_PATH}/info`,
  summary: 'Which server, whose, and where its hub is',
  access: 'user',
  serverApi: true,
  response: serverApiInfoSchema,
});

/** The typed client for routes with `serverApi`; `baseUrl` is the server's root or `DAVIT_API_URL`, see above. */
export function createServerClient(options: ClientOptions): ApiClient {
  const call = createClient(options);
  return (route, input, callOptions) => {
    if (!route.serverApi) throw new Error(`${route.name} is not offered to servers`);
    return call({ ...route, path: serverApiPath(route.path) }, input, callOptions);
  };
}
