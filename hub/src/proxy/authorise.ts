import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AccessService, Origins } from '../domains/access/index.ts';
import type { Actor, Authenticate } from '../platform/auth.ts';
import { AppError } from '../platform/errors.ts';
import { readCookie } from './cookies.ts';
import { hasDavitBearer } from './headers.ts';
import type { MaybePromise, ServerTarget, Targets } from './targets.ts';

/** Who enters a server, with what. The connection ends when the credential does. */
export interface Entrant {
  userId: string;
  via: Actor['via'];
}

/** An authorised request: who, and where it goes. */
export interface Admission {
  entrant: Entrant;
  target: ServerTarget;
}

export interface AuthoriseOptions {
  origins: Origins;
  targets: Targets;
  access: Pick<AccessService, 'verify'>;
  authenticate: Authenticate;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const FOREIGN = 'This request came from another site and was refused.';

/**
 * The one decision for HTTP and WebSocket alike, made before anything is dialled: the server's own cookie on a request
 * of its own pages, or a token of the owner. Answers synchronously when all is known, and an AppError for a refusal.
 */
export function authorise(
  req: IncomingMessage,
  serverId: string,
  upgrade: boolean,
  options: AuthoriseOptions,
): MaybePromise<Admission | AppError> {
  if (hasDavitBearer(req)) {
    return options
      .authenticate({ authorization: req.headers.authorization })
      .then((actor) => admitActor(actor, serverId, options));
  }
  const origin = options.origins.serverOrigin(serverId);
  if (upgrade ? req.headers.origin !== origin : isForeign(req.method ?? 'GET', req.headers, origin)) {
    return new AppError('forbidden', FOREIGN);
  }
  const secret = readCookie(req.headers.cookie, options.origins.cookieName(serverId));
  if (secret === undefined) return signInFirst();
  const grant = options.access.verify(secret, serverId);
  if (grant instanceof Promise) return grant.then((entrant) => admit(entrant, serverId, options.targets));
  return admit(grant, serverId, options.targets);
}

function admitActor(actor: Actor | undefined, serverId: string, { targets }: AuthoriseOptions): Admission | AppError {
  if (actor === undefined) return new AppError('unauthenticated', 'This token is not valid (any more).');
  if (!actor.scopes.has('servers')) {
    return new AppError('forbidden', 'This token lacks the scope "servers". Create one that has it.');
  }
  return admit(actor, serverId, targets);
}

function admit(entrant: Entrant | undefined, serverId: string, targets: Targets): Admission | AppError {
  if (entrant === undefined) return signInFirst();
  const target = targets.find(serverId);
  if (target === undefined) return new AppError('not-found', 'This server does not exist (any more).');
  if (target.ownerId !== entrant.userId) return new AppError('forbidden', 'This server belongs to somebody else.');
  return { entrant, target };
}

function signInFirst(): AppError {
  return new AppError('unauthenticated', 'Open this server from the hub first.');
}

/**
 * Whether another site made the browser send this request, with the cookie that comes along by itself. Other sites may
 * only lead a whole tab here: a sibling server shares the site, so SameSite does not keep its scripts and frames out.
 */
function isForeign(method: string, headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  const fromElsewhere = site === 'cross-site' || site === 'same-site';
  if (SAFE_METHODS.has(method)) return fromElsewhere && headers['sec-fetch-dest'] !== 'document';
  if (fromElsewhere) return true;
  if (origin === undefined || origin === ownOrigin) return false;
  // A page that sends no referrer posts its own forms with the Origin `null`; only the browser can then vouch for it.
  return !(origin === 'null' && site === 'same-origin');
}
