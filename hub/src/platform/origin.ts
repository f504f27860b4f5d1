import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request that carries a cookie may change something: its Origin is the hub's own, or it has none and no browser
 * says that another site sent it. Without this any page could post with the cookie of whoever looks at it.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  if (headers.origin !== undefined) return headers.origin === ownOrigin;
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
