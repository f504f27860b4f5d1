import type { Actor, LookUp } from './auth.ts';

/** A valid session or token: whom it stands for, and until when (undefined: until revoked). */
export interface Credential {
  actor: Actor;
  expiresAt: Date | undefined;
}

/** How a credential is looked up: by the hash of its secret, or by its public id (for cookies derived from it). */
export type CredentialKey = { secretHash: string } | { id: string };

/** Where credentials of one kind are kept. Undefined: unknown, expired, or of an inactive person. */
export interface CredentialSource {
  /** Counts as use unless it is quiet. */
  find(key: CredentialKey, how?: LookUp): Promise<Credential | undefined>;
}
