import type { Role, Scope } from '@davit/contract';
import { AppError } from './errors.ts';

/** Who acts, with which rights. Services take it as their first argument and check it first. */
export interface Actor {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly scopes: ReadonlySet<Scope>;
  /** The credential: when it is revoked, live sockets opened with it close. */
  readonly via: Via | { readonly kind: 'server'; readonly id: string };
  /** Acts from inside this server, through the server API: what belongs to other servers does not exist for it. */
  readonly server?: { readonly id: string };
}

/** A credential of a person: a signed-in browser's session, or an API token. */
export interface Via {
  readonly kind: 'session' | 'token';
  readonly id: string;
}

/** What the server API can do at most. */
const SERVER_SCOPES = ['read', 'servers'] as const;

/**
 * The same person as seen from inside a server: that server only, never an admin, no account. A notebook from somebody
 * else runs with these rights, so nothing here may reach beyond the server and what its owner keeps (images, usage).
 */
export function boundToServer(actor: Actor, serverId: string): Actor {
  return {
    ...actor,
    role: actor.role === 'admin' ? 'user' : actor.role,
    scopes: new Set(SERVER_SCOPES.filter((scope) => actor.scopes.has(scope))),
    server: { id: serverId },
  };
}

/** Whether anything of the server may be shown to the actor or done for it, apart from who owns it. */
export function mayTouch(actor: Actor, serverId: string): boolean {
  return actor.server === undefined || actor.server.id === serverId;
}

/** How somebody is looked up. */
export interface LookUp {
  /** The hub asks by itself and nobody did anything: it must not count as use, or an open page is signed in for ever. */
  quiet?: boolean;
}

/**
 * Reads a credential from request headers; undefined when there is none or it is not valid (any more). A quiet look asks
 * where credentials are kept, never a memory.
 */
export type Authenticate = (headers: NodeJS.Dict<string | string[]>, how?: LookUp) => Promise<Actor | undefined>;

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
