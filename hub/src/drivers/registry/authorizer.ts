import { z } from 'zod';
import { registryToken, type RegistryAccess, type Signer } from '../signing/index.ts';
import type { Clock } from '../../platform/clock.ts';

/** How the hub itself signs in to the registry. */
export type RegistryAuth =
  | { kind: 'none' }
  /** The registry takes what the hub signs. */
  | { kind: 'token'; signer: Signer; service: string }
  /** Read each time it is needed: a mounted secret is replaced while the hub runs. */
  | { kind: 'password'; user: string; password: () => Promise<string> };

/** Value of `Authorization` for a request that needs these accesses; undefined: none. */
export type Authorizer = (access: readonly RegistryAccess[]) => Promise<string | undefined>;

const CALL_MS = 10_000;
/** A token of another's making that is about to end is not used any more. */
const SPARE_MS = 10_000;
/** What a token counts for when its maker does not say (Distribution: Token Authentication Specification). */
const DEFAULT_TOKEN_S = 60;

const answerSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});

/** How the registry at `url` is signed in to. */
export function createAuthorizer(url: URL, auth: RegistryAuth, clock: Clock): Authorizer {
  switch (auth.kind) {
    case 'none':
      return () => Promise.resolve(undefined);
    case 'token':
      return async (access) => {
        const claims = { service: auth.service, subject: 'hub', access: [...access] };
        return `Bearer ${await registryToken(auth.signer, claims, clock.now())}`;
      };
    case 'password':
      return passwordAuthorizer(url, auth, clock);
  }
}

function passwordAuthorizer(
  url: URL,
  { user, password }: Extract<RegistryAuth, { kind: 'password' }>,
  clock: Clock,
): Authorizer {
  const tokens = new Map<string, { value: string; until: number }>();
  return async (access) => {
    const challenge = await challengeOf(url);
    if (challenge === undefined) return undefined;
    const basic = `Basic ${Buffer.from(`${user}:${await password()}`).toString('base64')}`;
    if (challenge.scheme === 'basic') return basic;
    const address = tokenAddress(challenge.parameters, access);
    const now = clock.now().getTime();
    const known = tokens.get(address.href);
    if (known !== undefined && known.until > now) return known.value;
    const { token, seconds } = await askToken(address, basic);
    const value = `Bearer ${token}`;
    for (const [key, { until }] of tokens) if (until <= now) tokens.delete(key);
    tokens.set(address.href, { value, until: now + seconds * 1000 - SPARE_MS });
    return value;
  };
}

/** What the registry wants of who is not signed in; undefined: nothing. */
async function challengeOf(url: URL): Promise<Challenge | undefined> {
  const answer = await fetch(new URL('/v2/', url), { signal: AbortSignal.timeout(CALL_MS) });
  await answer.body?.cancel();
  if (answer.status !== 401) return undefined;
  const challenge = parseChallenge(answer.headers.get('www-authenticate') ?? '');
  if (challenge === undefined) throw new Error('The registry does not say how to sign in: it must be Basic or Bearer.');
  return challenge;
}

interface Challenge {
  scheme: 'basic' | 'bearer';
  parameters: Record<string, string>;
}

/** A `WWW-Authenticate` header (RFC 9110, 11.6.1) with one challenge; undefined: of another kind. */
export function parseChallenge(header: string): Challenge | undefined {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(header) ?? [];
  const kind = scheme.toLowerCase();
  if (kind !== 'basic' && kind !== 'bearer') return undefined;
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of rest.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
  }
  return { scheme: kind, parameters };
}

function tokenAddress({ realm = '', service }: Record<string, string>, access: readonly RegistryAccess[]): URL {
  const address = new URL(realm);
  if (service !== undefined) address.searchParams.set('service', service);
  for (const { type, name, actions } of access) {
    address.searchParams.append('scope', `${type}:${name}:${actions.join(',')}`);
  }
  return address;
}

async function askToken(address: URL, authorization: string): Promise<{ token: string; seconds: number }> {
  const answer = await fetch(address, { headers: { authorization }, signal: AbortSignal.timeout(CALL_MS) });
  if (answer.status === 401 || answer.status === 403)
    throw new Error('The registry does not take the user and password that the hub was given for it.');
  if (!answer.ok) throw new Error(`The registry's sign-in answered ${answer.status}.`);
  const { token, access_token: other, expires_in: seconds = DEFAULT_TOKEN_S } = answerSchema.parse(await answer.json());
  const value = token ?? other;
  if (value === undefined) throw new Error("The registry's sign-in gave no token.");
  return { token: value, seconds };
}
