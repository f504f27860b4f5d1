import { z } from 'zod';
import { idParamsSchema, resourcesSchema, roleSchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';

/**
 * When a server is released: `automatic` 5 minutes after its last page closed, `manual` never by itself, else so long
 * after its person left.
 */
export const releasePolicySchema = z.enum([
  'automatic',
  '2h',
  '4h',
  '8h',
  '16h',
  '24h',
  '2d',
  '3d',
  '4d',
  '5d',
  '6d',
  'manual',
]);
export type ReleasePolicy = z.infer<typeof releasePolicySchema>;

/** Policies that people of one role may choose, and the one that a new server gets; `default` is one of `allowed`. */
export const rolePoliciesSchema = z
  .object({ allowed: z.array(releasePolicySchema).min(1), default: releasePolicySchema })
  .refine((value) => value.allowed.includes(value.default), {
    message: 'must be one of the allowed policies',
    path: ['default'],
  });

/** What an admin sets about release. `leftAfterMinutes`: a person without input for so long has left. */
export const releaseSettingsSchema = z.object({
  leftAfterMinutes: z.number().int().min(1).max(10_080),
  roles: z.record(roleSchema, rolePoliciesSchema),
});
export type ReleaseSettings = z.infer<typeof releaseSettingsSchema>;

/** Why a server is kept; front ends translate by the code and fill in `params`. */
export const aliveCodeSchema = z.enum([
  'manual',
  'input',
  'page-open',
  'kernel-busy',
  'terminal-output',
  'cpu-busy',
  'gpu-busy',
  'keep',
  'unknown',
  'leaving',
  'saving',
]);
export type AliveCode = z.infer<typeof aliveCodeSchema>;

/**
 * How a running server stands towards its release. `releaseAt`: the moment it is released unless something keeps it,
 * null while something does. `warnAt`: from then on the person is warned (30 minutes or a third of the period ahead).
 * `leftAt`: since when nobody is there. `keepUntil`: until when a person asked to keep it.
 */
export const releaseStateSchema = z.object({
  policy: releasePolicySchema,
  because: z.object({
    code: aliveCodeSchema,
    message: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  lastInputAt: timeSchema.nullable(),
  pagesOpen: z.number().int().nullable(),
  leftAt: timeSchema.nullable(),
  keepUntil: timeSchema.nullable(),
  warnAt: timeSchema.nullable(),
  releaseAt: timeSchema.nullable(),
});
export type ReleaseState = z.infer<typeof releaseStateSchema>;

/** What a release gave back. */
export const freedSchema = z.object({ resources: resourcesSchema, gpuIds: z.array(z.string()) });
export type Freed = z.infer<typeof freedSchema>;

export const getRelease = defineRoute('getRelease', {
  method: 'GET',
  path: '/api/v1/servers/{id}/release',
  summary: 'When and why a running server is released, and which policies its owner may choose',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  response: z.object({ state: releaseStateSchema.nullable(), allowed: z.array(releasePolicySchema) }),
});

export const releaseServer = defineRoute('releaseServer', {
  method: 'POST',
  path: '/api/v1/servers/{id}/release',
  summary: 'Stop a server and free everything it holds at once; /data stays',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  status: 202,
  params: idParamsSchema,
  response: freedSchema,
});

export const setReleasePolicy = defineRoute('setReleasePolicy', {
  method: 'PUT',
  path: '/api/v1/servers/{id}/release/policy',
  summary: 'Choose when a server is released',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  params: idParamsSchema,
  body: z.strictObject({ policy: releasePolicySchema }),
  response: z.object({ state: releaseStateSchema.nullable(), allowed: z.array(releasePolicySchema) }),
});

export const keepServer = defineRoute('keepServer', {
  method: 'POST',
  path: '/api/v1/servers/{id}/keep',
  summary: 'Keep a running server for some hours from now',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  params: idParamsSchema,
  body: z.strictObject({ hours: z.number().min(0.25).max(24).default(2) }).default({ hours: 2 }),
  response: releaseStateSchema,
});

export const reportInput = defineRoute('reportInput', {
  method: 'POST',
  path: '/api/v1/servers/{id}/input',
  summary: 'An editor saw its person type or click since the last report; at most once a minute',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  params: idParamsSchema,
});
