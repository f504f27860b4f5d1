import { z } from 'zod';
import { idParamsSchema, idSchema, lineSchema, pageOf, pageQuerySchema, scopeSchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';

export const tokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  scopes: z.array(scopeSchema),
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
});
export type Token = z.infer<typeof tokenSchema>;

/** `expiresInDays` null: until revoked. */
export const createTokenSchema = z.object({
  name: lineSchema(60).trim().min(1),
  scopes: z.array(scopeSchema).min(1).default(['read']),
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(90),
});
export type CreateToken = z.infer<typeof createTokenSchema>;

export const listTokens = defineRoute('listTokens', {
  method: 'GET',
  path: '/api/v1/tokens',
  summary: 'My API tokens, newest first',
  access: 'user',
  query: pageQuerySchema,
  response: pageOf(tokenSchema),
});

export const createToken = defineRoute('createToken', {
  method: 'POST',
  path: '/api/v1/tokens',
  summary: 'Create an API token; its text is shown only in this answer',
  access: 'user',
  status: 201,
  body: createTokenSchema,
  response: tokenSchema.extend({ token: z.string() }),
});

export const deleteToken = defineRoute('deleteToken', {
  method: 'DELETE',
  path: '/api/v1/tokens/{id}',
  summary: 'Revoke a token; its live sockets close',
  access: 'user',
  params: idParamsSchema,
});
