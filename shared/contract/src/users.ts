import { z } from 'zod';
import { idParamsSchema, idSchema, lineSchema, pageOf, pageQuerySchema, roleSchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';
import { quotaSchema } from './system.ts';

/** A sign-in name: unique without regard to case. */
export const userNameSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._@-]*[A-Za-z0-9])?$/, 'must be letters, digits and . _ @ - inside');

/** 8 to 256 characters; no rules on which (NIST SP 800-63B, 3.1.1.2). */
export const passwordSchema = z.string().min(8, 'must have at least 8 characters').max(256);

/** `quota` holds the exceptions of this person; what is absent comes from the role. */
export const userSchema = z.object({
  id: idSchema,
  name: z.string(),
  displayName: z.string(),
  role: roleSchema,
  active: z.boolean(),
  hasPassword: z.boolean(),
  quota: quotaSchema.partial(),
  createdAt: timeSchema,
  lastSeenAt: timeSchema.nullable(),
});
export type User = z.infer<typeof userSchema>;

/** Strict: exceptions are replaced as a whole, so a misspelt one would silently take all of them away. */
const quotaExceptionsSchema = z.strictObject(quotaSchema.shape).partial();

export const createUserSchema = z.object({
  name: userNameSchema,
  password: passwordSchema.optional(),
  displayName: lineSchema(100).optional(),
  role: roleSchema.default('user'),
  active: z.boolean().default(true),
  quota: quotaExceptionsSchema.default({}),
});
export type CreateUser = z.infer<typeof createUserSchema>;

/** A created person; `passwordLink` is the one-time address for choosing a password when none was given. */
export const createdUserSchema = userSchema.extend({ passwordLink: z.url().optional() });
export type CreatedUser = z.infer<typeof createdUserSchema>;

/** Left-out fields stay; `quota` replaces all exceptions, {} takes them away. A new password ends sessions and tokens. */
export const updateUserSchema = z
  .strictObject({
    name: userNameSchema,
    displayName: lineSchema(100),
    role: roleSchema,
    active: z.boolean(),
    quota: quotaExceptionsSchema,
    password: passwordSchema,
  })
  .partial();
export type UpdateUser = z.infer<typeof updateUserSchema>;

/** A minus in front turns the order around; who was never seen counts as seen long ago. */
export const userOrderSchema = z.enum(['name', '-name', 'lastSeen', '-lastSeen']);
export type UserOrder = z.infer<typeof userOrderSchema>;

export const userListQuerySchema = pageQuerySchema.extend({
  sort: userOrderSchema.default('name'),
  search: lineSchema(100).optional(),
  role: roleSchema.optional(),
  active: z.stringbool().optional(),
});
export type UserListQuery = z.infer<typeof userListQuerySchema>;

export const listUsers = defineRoute('listUsers', {
  method: 'GET',
  path: '/api/v1/users',
  summary: 'People, by name or by when they were last seen',
  access: 'admin',
  query: userListQuerySchema,
  response: pageOf(userSchema),
});

export const createUser = defineRoute('createUser', {
  method: 'POST',
  path: '/api/v1/users',
  summary: 'Create a person; without a password the answer has a one-time link for choosing one',
  access: 'admin',
  status: 201,
  body: createUserSchema,
  response: createdUserSchema,
});

export const getUser = defineRoute('getUser', {
  method: 'GET',
  path: '/api/v1/users/{id}',
  summary: 'One person',
  access: 'admin',
  params: idParamsSchema,
  response: userSchema,
});

export const updateUser = defineRoute('updateUser', {
  method: 'PATCH',
  path: '/api/v1/users/{id}',
  summary: 'Change a person; deactivating ends live sessions, sockets and tokens',
  access: 'admin',
  params: idParamsSchema,
  body: updateUserSchema,
  response: userSchema,
});

export const deleteUser = defineRoute('deleteUser', {
  method: 'DELETE',
  path: '/api/v1/users/{id}',
  summary: 'Delete a person: servers are deleted, files stay on disk',
  access: 'admin',
  params: idParamsSchema,
});

/** A new one-time link with which the person chooses a password; older links of the person end. */
export const createPasswordLink = defineRoute('createPasswordLink', {
  method: 'POST',
  path: '/api/v1/users/{id}/password-link',
  summary: 'A one-time link with which the person chooses a new password',
  access: 'admin',
  status: 201,
  params: idParamsSchema,
  response: z.object({ url: z.url(), expiresAt: timeSchema }),
});

/** CSV with a header line: name, and optionally displayName, role, password, active. */
export const importUsersSchema = z.object({ csv: z.string().min(1).max(2_000_000) });

export const importedUserSchema = z.object({
  line: z.number().int(),
  name: z.string(),
  status: z.enum(['created', 'exists', 'refused']),
  message: z.string().optional(),
  passwordLink: z.url().optional(),
});

export const importUsers = defineRoute('importUsers', {
  method: 'POST',
  path: '/api/v1/users/import',
  summary: 'Create many people from CSV; each line is reported, a bad line does not stop the others',
  access: 'admin',
  body: importUsersSchema,
  response: z.object({ items: z.array(importedUserSchema) }),
});

/** What a teacher learns about a person who is to join a group. */
export const personSchema = z.object({ id: idSchema, name: z.string(), displayName: z.string() });
export type PersonSummary = z.infer<typeof personSchema>;

export const findPerson = defineRoute('findPerson', {
  method: 'GET',
  path: '/api/v1/people',
  summary: 'The person with exactly this sign-in name (teachers and admins)',
  access: 'user',
  query: z.object({ name: userNameSchema }),
  response: personSchema,
});
