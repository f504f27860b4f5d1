import { z } from 'zod';
import { idSchema } from './common.ts';
import { serverPhaseSchema } from './servers.ts';

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
