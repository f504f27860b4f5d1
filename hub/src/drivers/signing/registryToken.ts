import type { RegistryAccess } from '@davit/oci';
import type { Signer } from './signer.ts';

/** Who signs registry tokens: the registry's `auth.token.issuer` must say the same. */
export const REGISTRY_ISSUER = 'davit';
/** How long a registry token counts, in seconds. A push of one large layer must fit in: the registry checks it again at its end. */
export const REGISTRY_TOKEN_SECONDS = 900;

interface RegistryClaims {
  /** Name of the registry: its `auth.token.service`. */
  service: string;
  /** Whom the token is for, as the registry's log shows it. */
  subject: string;
  access: readonly RegistryAccess[];
}

/** A token that the registry takes from then on (Distribution: Token Authentication Implementation). */
export function registryToken(
  signer: Signer,
  { service, subject, access }: RegistryClaims,
  now: Date,
  ttlSeconds = REGISTRY_TOKEN_SECONDS,
): Promise<string> {
  return signer.sign({ iss: REGISTRY_ISSUER, aud: service, sub: subject, access }, { now, ttlSeconds });
}
