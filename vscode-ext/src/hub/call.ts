import { createServerClient, type ApiClient } from '@davit/contract';
import { readToken, type HubAddress } from './address.ts';

/** A hub that does not answer for so long does not answer. */
const TIMEOUT_MS = 20_000;
/** How long a rotated token may take to be written after the old one is refused. */
const ROTATION_MS = 500;

type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * The typed client of the server API, which sends the current token and, once refused, the one that replaced it. `words`
 * gives what the hub says in the editor's language.
 */
export function createCall(
  address: HubAddress,
  { words, send = fetch }: { words?: (text: string) => string; send?: Send } = {},
): ApiClient {
  return createServerClient({
    baseUrl: address.url,
    words,
    fetch: (input, init) => authorised(address, send, input as string, init ?? {}),
  });
}

async function authorised(address: HubAddress, send: Send, url: string, init: RequestInit): Promise<Response> {
  const token = await readToken(address);
  const first = await withToken(send, url, init, token);
  if (first.status !== 401) return first;
  await new Promise((resolve) => setTimeout(resolve, ROTATION_MS));
  const next = await readToken(address);
  return next === token ? first : withToken(send, url, init, next);
}

function withToken(send: Send, url: string, init: RequestInit, token: string | undefined): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(init.signal ? [init.signal] : [])];
  return send(url, { ...init, headers, signal: AbortSignal.any(limits), redirect: 'error' });
}
