import {
  changePassword,
  createSession,
  deleteCurrentSession,
  deleteSession,
  deleteSessions,
  getMe,
  listSessions,
  redeemLink,
  register,
} from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { ApiRouter, Context } from '../../platform/http.ts';
import type { SessionCookie } from './cookies.ts';
import type { OpenedSession, SessionsService, Visitor } from './service.ts';

type AnyContext = Context<Actor | undefined>;

/** Binds the endpoints of sessions, of one's own account and of one-time links. */
export function bindSessionRoutes(api: ApiRouter, service: SessionsService, cookie: SessionCookie): void {
  /** Gives the browser the new session's cookie; the body never carries the secret, scripts must not see it. */
  const opened = async ({ res }: AnyContext, session: Promise<OpenedSession>) => {
    const { user, expiresAt, secret } = await session;
    res.append('set-cookie', cookie.set(secret));
    return { user, expiresAt: expiresAt.toISOString() };
  };
  const closed = ({ res }: AnyContext): void => {
    res.append('set-cookie', cookie.clear());
  };

  api.onPublic(createSession, ({ body }, context) => opened(context, service.signIn(body, visitorOf(context))));
  api.onPublic(register, ({ body }, context) => opened(context, service.register(body, visitorOf(context))));
  api.onPublic(redeemLink, ({ body }, context) => opened(context, service.redeem(body, visitorOf(context))));
  api.on(listSessions, ({ query }, { actor }) => service.list(actor, query));
  api.on(deleteSessions, async (_, context) => {
    await service.removeAll(context.actor);
    closed(context);
  });
  // Before the route with {id}: Express takes the first that fits.
  api.on(deleteCurrentSession, async (_, context) => {
    await service.removeCurrent(context.actor);
    closed(context);
  });
  api.on(deleteSession, ({ params }, { actor }) => service.remove(actor, params.id));
  api.on(getMe, (_, { actor }) => service.me(actor));
  api.on(changePassword, ({ body }, context) => service.changePassword(context.actor, body, visitorOf(context)));
}

function visitorOf({ req, actor }: AnyContext): Visitor {
  return { address: req.ip ?? '', userAgent: req.headers['user-agent'] ?? '', actor };
}
