import { z } from 'zod';
import { idParamsSchema, idSchema, lineSchema, pageOf, pageQuerySchema, scopeSchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';
import { quotaSchema } from './system.ts';
import { passwordSchema, userNameSchema, userSchema } from './users.ts';

export const signInSchema = z.object({ name: lineSchema(64).min(1), password: z.string().min(1).max(256) });
export type SignIn = z.infer<typeof signInSchema>;

/** Who is signed in, with what, and what of the quota is used. */
export const meSchema = z.object({
  user: userSchema,
  scopes: z.array(scopeSchema),
  quota: z.object({ limit: quotaSchema, used: quotaSchema }),
});
export type Me = z.infer<typeof meSchema>;

export const sessionSchema = z.object({
  id: idSchema,
  createdAt: timeSchema,
  lastSeenAt: timeSchema,
  expiresAt: timeSchema,
  userAgent: z.string(),
  current: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;

export const createSession = defineRoute('createSession', {
  method: 'POST',
  path: '/api/v1/sessions',
  summary: 'Sign in; the answer sets the session cookie',
  access: 'public',
  status: 201,
  body: signInSchema,
  response: z.object({ user: userSchema, expiresAt: timeSchema }),
});

export const listSessions = defineRoute('listSessions', {
  method: 'GET',
  path: '/api/v1/sessions',
  summary: 'Where I am signed in, the newest sign-in first',
  access: 'user',
  query: pageQuerySchema,
  response: pageOf(sessionSchema),
});

export const deleteCurrentSession = defineRoute('deleteCurrentSession', {
  method: 'DELETE',
  path: '/api/v1/sessions/current',
  summary: 'Sign out',
  access: 'user',
});

export const deleteSession = defineRoute('deleteSession', {
  method: 'DELETE',
  path: '/api/v1/sessions/{id}',
  summary: 'Sign out elsewhere',
  access: 'user',
  params: idParamsSchema,
});

export const deleteSessions = defineRoute('deleteSessions', {
  method: 'DELETE',
  path: '/api/v1/sessions',
  summary: 'Sign out everywhere, here too',
  access: 'user',
});

export const getMe = defineRoute('getMe', {
  method: 'GET',
  path: '/api/v1/me',
  summary: 'Who I am and what I may use',
  access: 'user',
  response: meSchema,
});

export const changePassword = defineRoute('changePassword', {
  method: 'PUT',
  path: '/api/v1/me/password',
  summary: 'Change my password; my other sessions and all my API tokens end',
  access: 'user',
  body: z.object({ current: z.string().min(1).max(256), next: passwordSchema }),
});

export const register = defineRoute('register', {
  method: 'POST',
  path: '/api/v1/registrations',
  summary: 'Create my own account, where the hub allows it',
  access: 'public',
  status: 201,
  body: z.object({ name: userNameSchema, password: passwordSchema, displayName: lineSchema(100).optional() }),
  response: z.object({ user: userSchema, expiresAt: timeSchema }),
});

/**
 * The page of one-time links. The secret stands behind `#`, so that no request carries it and no log or Referer has it:
 * `https://hub.example.org/link#<secret>`.
 */
export const LINK_PATH = '/link';

/** `link` is the secret of a one-time link: the first admin's (then `name` is required) or a person's. */
export const redeemLink = defineRoute('redeemLink', {
  method: 'POST',
  path: '/api/v1/links/redeem',
  summary: 'Choose a password with a one-time link (the first admin also a name) and sign in',
  access: 'public',
  status: 201,
  body: z.object({ link: z.string().min(10).max(200), name: userNameSchema.optional(), password: passwordSchema }),
  response: z.object({ user: userSchema, expiresAt: timeSchema }),
});
