import { z } from 'zod';
import { resourcesSchema, roleSchema } from './common.ts';
import { releaseSettingsSchema } from './release.ts';
import { defineRoute } from './route.ts';

/** Limits of one person: how many servers, and the sum over servers that are queued or run. */
export const quotaSchema = z.object({
  servers: z.number().int().min(0).max(10_000),
  cpu: z.number().min(0).max(100_000),
  memoryMb: z.number().int().min(0).max(1_000_000_000),
  gpu: z.number().int().min(0).max(10_000),
});
export type Quota = z.infer<typeof quotaSchema>;

/** What the pages need before anybody is signed in. */
export const hubInfoSchema = z.object({
  name: z.string(),
  version: z.string(),
  setupRequired: z.boolean(),
  selfRegistration: z.boolean(),
  insecureHttp: z.boolean(),
});
export type HubInfo = z.infer<typeof hubInfoSchema>;

/** What an admin sets. `sessionHours`: a sign-in ends after so long without use. */
export const settingsSchema = z.object({
  selfRegistration: z.boolean(),
  sessionHours: z.number().int().min(1).max(8760),
  roleQuotas: z.record(roleSchema, quotaSchema),
  release: releaseSettingsSchema,
});
export type Settings = z.infer<typeof settingsSchema>;

/** A size offered in the start dialog. */
export const presetSchema = z.object({ id: z.string(), resources: resourcesSchema });

export const getInfo = defineRoute('getInfo', {
  method: 'GET',
  path: '/api/v1/info',
  summary: 'What this hub is and whether it waits for its first admin',
  access: 'public',
  response: hubInfoSchema,
});

export const getSettings = defineRoute('getSettings', {
  method: 'GET',
  path: '/api/v1/settings',
  summary: 'The settings of the hub',
  access: 'admin',
  response: settingsSchema,
});

export const updateSettings = defineRoute('updateSettings', {
  method: 'PATCH',
  path: '/api/v1/settings',
  summary: 'Change settings; left-out ones stay',
  access: 'admin',
  body: settingsSchema.partial().strict(),
  response: settingsSchema,
});
