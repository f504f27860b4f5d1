import type { IncomingMessage } from 'node:http';
import type { ResponseHeaders } from '@davit/forward';
import type { Origins } from '../domains/access/index.ts';
import { ownSetCookie, withoutDavitCookies } from './cookies.ts';
import type { ServerTarget } from './targets.ts';

/** A token of Davit in an Authorization header, under whatever scheme. Others belong to the user's own apps. */
const DAVIT_TOKEN = /^\S+\s+davit_/i;
const BEARER_DAVIT = /^bearer +davit_/i;

/** True when the request carries a token of Davit as its credential. */
export function hasDavitBearer(req: IncomingMessage): boolean {
  const { authorization } = req.headers;
  return authorization !== undefined && BEARER_DAVIT.test(authorization);
}

/**
 * Headers that a request gets on its way to an agent. Host and Origin stay as they are, because code-server compares
 * them. What the client says of its own way here is replaced by what is known.
 */
export function requestHeaders(
  req: IncomingMessage,
  origins: Origins,
  target: ServerTarget,
): Record<string, string | undefined> {
  const set: Record<string, string | undefined> = {
    'x-forwarded-for': req.socket.remoteAddress,
    'x-forwarded-proto': origins.serverProtocol,
    'x-forwarded-host': origins.serverHost(target.serverId),
    'x-forwarded-port': origins.serverPort,
    'x-forwarded-prefix': undefined,
    'x-forwarded-server': undefined,
    'x-real-ip': undefined,
    forwarded: undefined,
  };
  for (const name in req.headers) if (name.startsWith('x-davit-')) set[name] = undefined;
  const { cookie, authorization } = req.headers;
  if (cookie !== undefined) set['cookie'] = withoutDavitCookies(cookie);
  if (authorization !== undefined && DAVIT_TOKEN.test(authorization)) set['authorization'] = undefined;
  set['x-davit-secret'] = target.secret;
  return set;
}

/**
 * Takes from an answer what reaches beyond its server: cookies of Davit or for other hosts, Clear-Site-Data (it clears
 * the whole site, with the hub's cookies where they share it), and in path mode service workers above the server's path.
 */
export function filterResponseHeaders(headers: ResponseHeaders, basePath: string): ResponseHeaders {
  const cookies = headers['set-cookie'];
  if (cookies !== undefined) {
    const own = (typeof cookies === 'string' ? [cookies] : cookies).flatMap(
      (value) => ownSetCookie(value, basePath) ?? [],
    );
    headers['set-cookie'] = own.length === 0 ? undefined : own;
  }
  if (headers['clear-site-data'] !== undefined) headers['clear-site-data'] = undefined;
  const scope = headers['service-worker-allowed'];
  if (basePath !== '' && scope !== undefined && !String(scope).startsWith(`${basePath}/`)) {
    headers['service-worker-allowed'] = undefined;
  }
  for (const name in headers) if (name.startsWith('x-davit-')) headers[name] = undefined;
  return headers;
}
