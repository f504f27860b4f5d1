import { z } from 'zod';
import { idParamsSchema, idSchema, lineSchema, pageOf, pageQuerySchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';

export const groupRoleSchema = z.enum(['member', 'teacher']);
export type GroupRole = z.infer<typeof groupRoleSchema>;

/** `myRole` is null for an admin who is not a member. Everybody is in the group `public`. */
export const groupSchema = z.object({
  id: idSchema,
  name: z.string(),
  description: z.string(),
  creatorId: idSchema.nullable(),
  memberCount: z.number().int(),
  myRole: groupRoleSchema.nullable(),
  createdAt: timeSchema,
});
export type Group = z.infer<typeof groupSchema>;

export const groupMemberSchema = z.object({
  userId: idSchema,
  name: z.string(),
  displayName: z.string(),
  role: groupRoleSchema,
});
export type GroupMember = z.infer<typeof groupMemberSchema>;

export const groupNameSchema = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'must be lower-case letters and digits with . _ - between');

const memberParams = z.object({ id: idSchema, userId: idSchema });

export const listGroups = defineRoute('listGroups', {
  method: 'GET',
  path: '/api/v1/groups',
  summary: 'Groups I am in; all of them for an admin',
  access: 'user',
  query: pageQuerySchema,
  response: pageOf(groupSchema),
});

export const createGroup = defineRoute('createGroup', {
  method: 'POST',
  path: '/api/v1/groups',
  summary: 'Create a group (teachers and admins)',
  access: 'user',
  status: 201,
  body: z.object({ name: groupNameSchema, description: lineSchema(500).default('') }),
  response: groupSchema,
});

export const getGroup = defineRoute('getGroup', {
  method: 'GET',
  path: '/api/v1/groups/{id}',
  summary: 'One group that I am in; any for an admin',
  access: 'user',
  params: idParamsSchema,
  response: groupSchema,
});

export const updateGroup = defineRoute('updateGroup', {
  method: 'PATCH',
  path: '/api/v1/groups/{id}',
  summary: 'Rename or describe a group',
  access: 'user',
  params: idParamsSchema,
  body: z.strictObject({ name: groupNameSchema, description: lineSchema(500) }).partial(),
  response: groupSchema,
});

export const deleteGroup = defineRoute('deleteGroup', {
  method: 'DELETE',
  path: '/api/v1/groups/{id}',
  summary: 'Delete a group; its members stay',
  access: 'user',
  params: idParamsSchema,
});

/** `search` is looked for in both names. */
export const memberListQuerySchema = pageQuerySchema.extend({ search: lineSchema(100).optional() });
export type MemberListQuery = z.infer<typeof memberListQuerySchema>;

export const listGroupMembers = defineRoute('listGroupMembers', {
  method: 'GET',
  path: '/api/v1/groups/{id}/members',
  summary: 'Members of a group, by name',
  access: 'user',
  params: idParamsSchema,
  query: memberListQuerySchema,
  response: pageOf(groupMemberSchema),
});

export const putGroupMember = defineRoute('putGroupMember', {
  method: 'PUT',
  path: '/api/v1/groups/{id}/members/{userId}',
  summary: 'Add a member or change the role',
  access: 'user',
  params: memberParams,
  body: z.object({ role: groupRoleSchema.default('member') }),
  response: groupMemberSchema,
});

export const deleteGroupMember = defineRoute('deleteGroupMember', {
  method: 'DELETE',
  path: '/api/v1/groups/{id}/members/{userId}',
  summary: 'Remove a member',
  access: 'user',
  params: memberParams,
});
