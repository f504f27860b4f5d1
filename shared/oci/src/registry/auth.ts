import type { RegistryAccess } from './access.ts';

/** What a request needs, when it is made and when the registry has refused it. */
export interface Asked {
  access: readonly RegistryAccess[];
  /** `WWW-Authenticate` of the answer to a request without a header, or with an old one; undefined before the first. */
  challenge: string | undefined;
  signal: AbortSignal;
}

/** Says who asks: value of the `Authorization` header; undefined: none, or no other than before. */
export type RegistryAuth = (asked: Asked) => Promise<string | undefined>;

/** A registry that asks nobody who they are. */
export const noAuth: RegistryAuth = () => Promise.resolve(undefined);

/** Tokens of one's own making, each for exactly what is to be done. */
export function tokenAuth(token: (access: readonly RegistryAccess[]) => Promise<string>): RegistryAuth {
  return async ({ access, challenge }) => (challenge === undefined ? `Bearer ${await token(access)}` : undefined);
}

/** Of so many repositories tokens are kept; they end by themselves after minutes. */
const MAX_KNOWN = 100;

/**
 * A name and a password: given to the registry itself, or where it says that tokens are had for them (Distribution: Token
 * Authentication Specification). The password is read each time it is needed: a mounted secret may be replaced.
 */
export function credentialAuth(user: string, password: () => Promise<string>): RegistryAuth {
  const known = new Map<string, string>();
  return async ({ access, challenge, signal }) => {
    const key = scopesOf(access).join(' ');
    if (challenge === undefined) return known.get(key);
    const basic = `Basic ${Buffer.from(`${user}:${await password()}`).toString('base64')}`;
    const value = /^\s*basic\b/i.test(challenge) ? basic : await askForToken(challenge, { access, basic, signal });
    known.delete(key);
    known.set(key, value);
    for (const oldest of [...known.keys()].slice(0, -MAX_KNOWN)) known.delete(oldest);
    return value;
  };
}

interface Wanted {
  access: readonly RegistryAccess[];
  basic: string;
  signal: AbortSignal;
}

async function askForToken(challenge: string, { access, basic, signal }: Wanted): Promise<string> {
  const { realm, service } = parameters(challenge);
  if (!/^\s*bearer\b/i.test(challenge) || realm === undefined)
    throw new Error('The registry does not say how to sign in: it must be Basic or Bearer.');
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopesOf(access)) url.searchParams.append('scope', scope);
  const answer = await fetch(url, { headers: { authorization: basic }, signal });
  const body = (await answer.json().catch(() => ({}))) as { token?: string; access_token?: string };
  if (answer.status === 401 || answer.status === 403)
    throw new Error('The registry does not take the user and password that Davit was given for it.');
  if (!answer.ok) throw new Error(`The registry's sign-in answered ${answer.status}.`);
  const token = body.token ?? body.access_token;
  if (token === undefined) throw new Error("The registry's sign-in gave no token.");
  return `Bearer ${token}`;
}

function scopesOf(access: readonly RegistryAccess[]): string[] {
  return access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`);
}

/** `Bearer realm="…",service="…"` (RFC 9110, 11.6.1). */
function parameters(challenge: string): Record<string, string | undefined> {
  const found = challenge.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g);
  return Object.fromEntries(
    [...found].map(([, key = '', quoted, bare]) => [key.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? bare]),
  );
}
