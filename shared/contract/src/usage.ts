import { z } from 'zod';
import { idParamsSchema, idSchema, pageOf, pageQuerySchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';

/** A calendar day of the asked time zone, as `2026-03-01`. */
export const daySchema = z.iso.date();

/**
 * Wall minutes of containers, and the same integrated over what they held: cores, GiB, cards. `since`: begin of the
 * first interval that counts.
 */
export const totalsSchema = z.object({
  minutes: z.number(),
  cpuCoreMinutes: z.number(),
  memoryGbMinutes: z.number(),
  gpuCardMinutes: z.number(),
  since: timeSchema.nullable(),
});
export type UsageTotals = z.infer<typeof totalsSchema>;

/** A row of the usage table; fields that the grouping leaves out are null. Deleted servers keep their name and rows. */
export const usageRowSchema = totalsSchema.extend({
  userId: idSchema.nullable(),
  userName: z.string().nullable(),
  serverId: idSchema.nullable(),
  serverName: z.string().nullable(),
  serverDeleted: z.boolean(),
  day: daySchema.nullable(),
});
export type UsageRow = z.infer<typeof usageRowSchema>;

const rangeShape = {
  /** First day, today minus 29 days when left out. */
  from: daySchema.optional(),
  /** Last day, included; today when left out. */
  to: daySchema.optional(),
  /** IANA name of the zone whose days count, as `Asia/Shanghai`. */
  timeZone: z.string().max(60).default('UTC'),
};

/** `scope` as in the list of servers; `by` lists the keys of a row. */
export const usageQuerySchema = pageQuerySchema.extend({
  ...rangeShape,
  scope: z.enum(['own', 'all']).default('own'),
  owner: idSchema.optional(),
  /** Only of those who are in this group now: any group for admins, for teachers those in which they are teachers. */
  group: idSchema.optional(),
  server: idSchema.optional(),
  /** Only these servers, ids parted by commas: what a page of the list of servers shows. Those one may not see are left out. */
  servers: z
    .string()
    .regex(/^[a-z0-9]{12}(,[a-z0-9]{12}){0,199}$/, 'must be up to 200 ids parted by commas')
    .optional(),
  by: z.enum(['user', 'server', 'day', 'server-day', 'user-day']).default('server'),
});
export type UsageQuery = z.infer<typeof usageQuerySchema>;

/** What the panels show at a glance: my own. `days` has one row for each day of the range, zeros included. */
export const usageSummarySchema = z.object({
  today: totalsSchema,
  range: totalsSchema,
  days: z.array(totalsSchema.omit({ since: true }).extend({ day: daySchema })),
});
export type UsageSummary = z.infer<typeof usageSummarySchema>;

/** One measurement of a running container. `cpu` in cores used, `gpu` 0–1 over its cards, null where it cannot be measured. */
export const sampleSchema = z.object({
  at: timeSchema,
  cpu: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  gpu: z.number().nullable(),
  gpuMemoryBytes: z.number().nullable(),
});
export type Sample = z.infer<typeof sampleSchema>;

/** Measurements of the last minutes, oldest first; the last is the newest. Limits are those of the container. */
export const serverMetricsSchema = z.object({
  samples: z.array(sampleSchema),
  limits: z.object({ cpu: z.number(), memoryBytes: z.number(), gpu: z.number().int() }),
  startedAt: timeSchema.nullable(),
});
export type ServerMetrics = z.infer<typeof serverMetricsSchema>;

export const getServerMetrics = defineRoute('getServerMetrics', {
  method: 'GET',
  path: '/api/v1/servers/{id}/metrics',
  summary: 'CPU, memory and GPU of a running server during the last minutes',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  response: serverMetricsSchema,
});

export const listUsage = defineRoute('listUsage', {
  method: 'GET',
  path: '/api/v1/usage',
  summary: 'Usage by user, server or day',
  access: 'user',
  serverApi: true,
  query: usageQuerySchema,
  response: pageOf(usageRowSchema),
});

export const getUsageSummary = defineRoute('getUsageSummary', {
  method: 'GET',
  path: '/api/v1/usage/summary',
  summary: 'My usage today and per day of a range',
  access: 'user',
  serverApi: true,
  query: z.object(rangeShape),
  response: usageSummarySchema,
});

/** All rows of the range as `text/csv` with a header line, streamed. */
export const exportUsage = defineRoute('exportUsage', {
  method: 'GET',
  path: '/api/v1/usage.csv',
  summary: 'Usage as CSV',
  access: 'user',
  serverApi: true,
  mediaType: 'text/csv',
  query: usageQuerySchema.omit({ limit: true, cursor: true }),
  response: z.string(),
});
