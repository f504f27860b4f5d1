/** Says who asks. */
export interface RegistryAuth {
  /** The `Authorization` header; `challenge` is what the registry answered to a request without it, or with an old one. */
  header(challenge: string | undefined, signal: AbortSignal): Promise<string | undefined>;
}

/** A token that somebody made for exactly what is to be done. */
export function tokenAuth(token: string): RegistryAuth {
  return { header: (challenge) => Promise.resolve(challenge === undefined ? `Bearer ${token}` : undefined) };
}

/** A registry that asks nobody who they are. */
export const noAuth: RegistryAuth = { header: () => Promise.resolve(undefined) };

/**
 * A name and a password: given to the registry itself, or where it says that tokens are had for them (Distribution
 * Specification, Token Authentication).
 */
export function credentialAuth(user: string, password: string): RegistryAuth {
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  let known: string | undefined;
  return {
    header: async (challenge, signal) => {
      if (challenge === undefined) return known;
      known = /^bearer\s/i.test(challenge) ? await askForToken(challenge, basic, signal) : basic;
      return known;
    },
  };
}

async function askForToken(challenge: string, basic: string, signal: AbortSignal): Promise<string> {
  const { realm, service, scope } = parameters(challenge);
  if (realm === undefined) throw new Error('The registry does not tell where its tokens are had.');
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  if (scope !== undefined) url.searchParams.set('scope', scope);
  const answer = await fetch(url, { headers: { authorization: basic }, signal });
  const body = (await answer.json().catch(() => ({}))) as { token?: string; access_token?: string };
  const token = body.token ?? body.access_token;
  if (!answer.ok || token === undefined) throw new Error(`The registry gave no token: it answered ${answer.status}.`);
  return `Bearer ${token}`;
}

/** `Bearer realm="…",service="…"` (RFC 9110, 11.6.1). */
function parameters(challenge: string): Record<string, string | undefined> {
  return Object.fromEntries(
    [...challenge.matchAll(/([a-z]+)="([^"]*)"/gi)].map(([, key = '', value = '']) => [key.toLowerCase(), value]),
  );
}
