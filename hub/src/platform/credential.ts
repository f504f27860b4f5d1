import type { Actor } from './auth.ts';

/** A valid session or token: whom it stands for, and until when (undefined: until revoked). */
export interface Credential {
  actor: Actor;
  expiresAt: Date | undefined;
}

/** How a credential is looked up: by the hash of its secret, or by its public id (for cookies derived from it). */
export type CredentialKey = { secretHash: string } | { id: string };

/** Where credentials of one kind are kept. A lookup counts as use; undefined: unknown, expired, or of an inactive person. */
export interface CredentialSource {
  find(key: CredentialKey): Promise<Credential | undefined>;
}
