import type { IncomingMessage } from 'node:http';
import type { Origins } from '../domains/access/index.ts';
import { AppError } from '../platform/errors.ts';
import { classifyHost, SERVER_ID } from './hosts.ts';
import { pathProblem } from './paths.ts';

/** One server's origin, and the path below its root with the query, as it was sent. */
export interface ServerRoute {
  kind: 'server';
  serverId: string;
  path: string;
}

/** Whom a request is for, or why it is for nobody. */
export type Route = { kind: 'hub' } | ServerRoute | { kind: 'refused'; error: AppError };

const HUB: Route = { kind: 'hub' };
/**
 * Probes of an orchestrator call by address; they tell nothing but whether the hub lives. So do the nodes of a cluster, which
 * need not know the hub's name, to sign in to the registry; no cookie counts there.
 */
const BY_ADDRESS = new Set(['/healthz', '/readyz', '/registry/token']);
const ID_LENGTH = 12;

/** Finds out whom a request is for. Looks at the request line and Host only, and dials nothing. */
export function routeOf(req: IncomingMessage, origins: Origins): Route {
  const url = req.url ?? '';
  // `http://other-host/` and `*` would be read as another address by whoever comes next.
  if (!url.startsWith('/')) return refused('bad-request', 'The address in the request line must begin with a slash.');
  if (hasTwoHosts(req.rawHeaders)) return refused('bad-request', 'The request has more than one Host header.');
  const host = classifyHost(req.headers.host, origins);
  switch (host.kind) {
    case 'hub':
      return HUB;
    case 'server':
      return serverRoute(host.serverId, url);
    case 'server-paths':
      return routeOfPath(url);
    case 'unknown':
      return isByAddress(url) ? HUB : misdirected();
  }
}

function routeOfPath(url: string): Route {
  const serverId = url.slice(3, 3 + ID_LENGTH);
  const rest = url.slice(3 + ID_LENGTH);
  if (!url.startsWith('/s/') || !SERVER_ID.test(serverId) || !/^(?:[/?]|$)/.test(rest)) {
    return isByAddress(url) ? HUB : misdirected();
  }
  return rest.startsWith('/') ? serverRoute(serverId, rest) : { kind: 'server', serverId, path: rest };
}

function isByAddress(url: string): boolean {
  return BY_ADDRESS.has(url.split('?', 1)[0] ?? '');
}

function serverRoute(serverId: string, path: string): Route {
  const problem = pathProblem(path);
  if (problem === undefined) return { kind: 'server', serverId, path };
  return problem === 'reserved'
    ? refused('not-found', 'There is nothing at this address.')
    : refused('bad-request', 'The path is not valid: it must not hide slashes, dots or broken escapes.');
}

function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}

function misdirected(): Route {
  return refused('misdirected-request', 'No hub and no server has this address. Open the hub by its own address.');
}

function refused(code: 'bad-request' | 'not-found' | 'misdirected-request', message: string): Route {
  return { kind: 'refused', error: new AppError(code, message) };
}
