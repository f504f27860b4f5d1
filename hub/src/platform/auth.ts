import type { Role, Scope } from '@davit/contract';
import { AppError } from './errors.ts';

/** Who acts, with which rights. Services take it as their first argument and check it first. */
export interface Actor {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly scopes: ReadonlySet<Scope>;
  /** The credential: when it is revoked, live sockets opened with it close. */
  readonly via: { readonly kind: 'session' | 'token'; readonly id: string };
}

/** Reads a credential from request headers; undefined when there is none or it is not valid (any more). */
export type Authenticate = (headers: NodeJS.Dict<string | string[]>) => Promise<Actor | undefined>;

/** Rights of an admin: the role, and for a token also the scope. */
export function isAdmin(actor: Actor): boolean {
  return actor.role === 'admin' && actor.scopes.has('admin');
}

/** Refuses whoever is not an admin. */
export function requireAdmin(actor: Actor): void {
  if (!isAdmin(actor)) throw new AppError('forbidden', 'Only an admin may do this.');
}

/** Refuses a token that was not given `scope`. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (!actor.scopes.has(scope)) {
    throw new AppError('forbidden', `This token lacks the scope "${scope}". Create one that has it.`);
  }
}
