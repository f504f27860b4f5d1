import type { ServerApiInfo } from '@davit/contract';

/** What a look for the hub found; `nothing`: no answer at all. */
export type Found = { is: 'hub'; info: ServerApiInfo } | { is: 'no-hub' } | { is: 'signed-out' } | { is: 'nothing' };

/**
 * Looks for the hub below `root`. Written without the contract's code, so that a JupyterLab without a hub loads none of
 * it. A proxy's 5xx counts as no answer: the hub behind it may come back.
 */
export async function probe(root: string, send: typeof fetch = fetch): Promise<Found> {
  let response: Response;
  try {
    response = await send(`${root}/api/davit/v1/info`, { headers: { accept: 'application/json' } });
  } catch {
    return { is: 'nothing' };
  }
  if (response.status >= 500) return { is: 'nothing' };
  if (response.status === 401) return { is: 'signed-out' };
  if (!response.ok) return { is: 'no-hub' };
  const body: unknown = await response.json().catch(() => undefined);
  return isInfo(body) ? { is: 'hub', info: body } : { is: 'no-hub' };
}

/** Only what tells a hub from another page that answers 200; the rest is the hub's contract. */
function isInfo(body: unknown): body is ServerApiInfo {
  if (typeof body !== 'object' || body === null || !('api' in body) || !('server' in body)) return false;
  const { api, server } = body;
  return api === 1 && typeof server === 'object' && server !== null && 'id' in server && typeof server.id === 'string';
}
