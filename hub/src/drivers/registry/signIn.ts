import { credentialAuth, noAuth, tokenAuth, type RegistryAuth } from '@davit/oci';
import { registryToken, type Signer } from '../signing/index.ts';
import type { Clock } from '../../platform/clock.ts';

/** How the hub itself signs in to the registry. */
export type RegistrySignIn =
  | { kind: 'none' }
  /** The registry takes what the hub signs. */
  | { kind: 'token'; signer: Signer; service: string }
  | { kind: 'password'; user: string; password: () => Promise<string> };

/** The same as the registry's client wants it. */
export function registryAuth(signIn: RegistrySignIn, clock: Clock): RegistryAuth {
  switch (signIn.kind) {
    case 'none':
      return noAuth;
    case 'token': {
      const { signer, service } = signIn;
      return tokenAuth((access) => registryToken(signer, { service, subject: 'hub', access }, clock.now()));
    }
    case 'password':
      return credentialAuth(signIn.user, signIn.password);
  }
}
