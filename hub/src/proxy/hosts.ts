import type { Origins } from '../domains/access/index.ts';

/**
 * Whom a Host header names: the hub, one server, the host whose paths name servers, or nobody here. A name is never
 * resolved and never dialled.
 */
export type HostClass =
  { kind: 'hub' } | { kind: 'server'; serverId: string } | { kind: 'server-paths' } | { kind: 'unknown' };

const HUB: HostClass = { kind: 'hub' };
const SERVER_PATHS: HostClass = { kind: 'server-paths' };
const UNKNOWN: HostClass = { kind: 'unknown' };
export const SERVER_ID = /^[a-z0-9]{12}$/;

/** Classifies a Host header. Case and the scheme's default port make no difference, anything else does. */
export function classifyHost(host: string | undefined, origins: Origins): HostClass {
  if (host === undefined) return UNKNOWN;
  const name = host.toLowerCase();
  if (withoutPort(name, origins.hubDefaultPort) === origins.hubHost) return HUB;
  const server = withoutPort(name, origins.serverDefaultPort);
  const { serverHostPrefix: prefix, serverHostSuffix: suffix } = origins;
  if (origins.mode === 'path') return server === prefix ? SERVER_PATHS : UNKNOWN;
  if (!server.startsWith(prefix) || !server.endsWith(suffix)) return UNKNOWN;
  const serverId = server.slice(prefix.length, server.length - suffix.length);
  return SERVER_ID.test(serverId) ? { kind: 'server', serverId } : UNKNOWN;
}

function withoutPort(host: string, defaultPort: string): string {
  return host.endsWith(`:${defaultPort}`) ? host.slice(0, -1 - defaultPort.length) : host;
}
