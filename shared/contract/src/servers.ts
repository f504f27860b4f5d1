import { z } from 'zod';
import { idParamsSchema, idSchema, pageOf, pageQuerySchema, resourcesSchema, timeSchema } from './common.ts';
import { editorSchema } from './images.ts';
import { defineRoute } from './route.ts';
import { releasePolicySchema, releaseStateSchema, rolePoliciesSchema } from './release.ts';
import { presetSchema, quotaSchema } from './system.ts';

/**
 * Where a server is. `queued`: within quota, waits for free resources. `starting`: image, container or editor on the way.
 * `unknown`: the engine does not answer, nothing was stopped. `awaiting-approval` is reserved.
 */
export const serverPhaseSchema = z.enum([
  'stopped',
  'awaiting-approval',
  'queued',
  'starting',
  'running',
  'stopping',
  'failed',
  'unknown',
  'deleting',
]);
export type ServerPhase = z.infer<typeof serverPhaseSchema>;

/** Why a server is as it is; front ends translate by the code and fill in `params`. */
export const reasonCodeSchema = z.enum([
  'building-image',
  'pulling-image',
  'creating-container',
  'starting-editor',
  'no-free-cpu',
  'no-free-memory',
  'no-free-gpu',
  'no-machine',
  'low-disk',
  'engine-unreachable',
  'image-failed',
  'engine-refused',
  'editor-failed',
  'agent-silent',
  'out-of-memory',
  'exited',
  'lost',
  'too-slow',
  'disk-limit',
  'released',
]);
export type ReasonCode = z.infer<typeof reasonCodeSchema>;

/** `message` is the English sentence. `params` fills translations, e.g. {step: 7, steps: 12, image: 'jupyterlab'}. */
export const reasonSchema = z.object({
  code: reasonCodeSchema,
  message: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Reason = z.infer<typeof reasonSchema>;

/** A port of a server on which a program listens; `program` says in a few words which, where that can be told. */
export const serverPortSchema = z.object({ port: z.number().int(), program: z.string().nullable() });
export type ServerPort = z.infer<typeof serverPortSchema>;

/** A user's server. `reason` is the sentence, `reasonDetail` the same for programs. */
export const serverSchema = z.object({
  id: idSchema,
  name: z.string(),
  ownerId: idSchema,
  ownerName: z.string(),
  imageId: idSchema,
  imageName: z.string(),
  phase: serverPhaseSchema,
  reason: z.string().nullable(),
  reasonDetail: reasonSchema.nullable(),
  progress: z.number().min(0).max(100).nullable(),
  resources: resourcesSchema,
  gpuIds: z.array(z.string()),
  editors: z.array(editorSchema),
  readyEditors: z.array(editorSchema),
  /** Ports of web apps inside, as `/port/<n>/` reaches them; null while not known, and of older images never known. */
  ports: z.array(serverPortSchema).nullable(),
  exitCode: z.number().int().nullable(),
  releasePolicy: releasePolicySchema,
  /** Null unless it runs. */
  release: releaseStateSchema.nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  readyAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  generation: z.number().int(),
  version: z.number().int(),
});
export type Server = z.infer<typeof serverSchema>;

/** A name a person reads; unique per owner. */
export const serverNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** A preset by id or own resources; with neither the smallest preset. */
export const createServerSchema = z
  .object({
    name: serverNameSchema,
    imageId: idSchema,
    preset: z.string().max(40).optional(),
    // Strict: a misspelt resource would give a server of another size than was asked for.
    resources: z.strictObject(resourcesSchema.shape).partial().optional(),
    start: z.boolean().default(true),
    /** The default of the person's role when left out. */
    releasePolicy: releasePolicySchema.optional(),
  })
  .refine((value) => value.preset === undefined || value.resources === undefined, {
    message: 'give a preset or resources, not both',
    path: ['preset'],
  });
export type CreateServer = z.infer<typeof createServerSchema>;

/** `owner`: one person's; `all`: everybody's, for admins, and the members' for teachers. */
export const serverListQuerySchema = pageQuerySchema.extend({
  scope: z.enum(['own', 'all']).default('own'),
  owner: idSchema.optional(),
  phase: serverPhaseSchema.optional(),
  search: z.string().max(100).optional(),
});
export type ServerListQuery = z.infer<typeof serverListQuerySchema>;

/** How a size would fare now: fits, waits for others, above the quota, or larger than the machines. */
export const fitSchema = z.enum(['now', 'waits', 'above-quota', 'never']);
export type Fit = z.infer<typeof fitSchema>;

/** What the start dialog shows before asking: presets with their fit, quota with use, capacity with what is free. */
export const sizesSchema = z.object({
  presets: z.array(presetSchema.extend({ fit: fitSchema })),
  quota: z.object({ limit: quotaSchema, used: quotaSchema }),
  capacity: z.object({ total: resourcesSchema.partial(), free: resourcesSchema.partial() }).nullable(),
  gpus: z.array(z.object({ kind: z.string(), total: z.number().int(), free: z.number().int() })),
  /** When a new server may be released, and when it is unless something else is chosen. */
  releasePolicies: rolePoliciesSchema,
});
export type Sizes = z.infer<typeof sizesSchema>;

export const listServers = defineRoute('listServers', {
  method: 'GET',
  path: '/api/v1/servers',
  summary: 'Servers, newest first',
  access: 'user',
  query: serverListQuerySchema,
  response: pageOf(serverSchema),
});

export const createServer = defineRoute('createServer', {
  method: 'POST',
  path: '/api/v1/servers',
  summary: 'Create a server and start it',
  access: 'user',
  scope: 'servers',
  status: 201,
  body: createServerSchema,
  response: serverSchema,
});

export const getServer = defineRoute('getServer', {
  method: 'GET',
  path: '/api/v1/servers/{id}',
  summary: 'One server',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  response: serverSchema,
});

export const deleteServer = defineRoute('deleteServer', {
  method: 'DELETE',
  path: '/api/v1/servers/{id}',
  summary: 'Delete a server: its container goes, /data stays',
  access: 'user',
  scope: 'servers',
  status: 202,
  params: idParamsSchema,
  response: serverSchema,
});

export const startServer = defineRoute('startServer', {
  method: 'POST',
  path: '/api/v1/servers/{id}/start',
  summary: 'Start a stopped or failed server in a new container',
  access: 'user',
  scope: 'servers',
  status: 202,
  params: idParamsSchema,
  response: serverSchema,
});

export const stopServer = defineRoute('stopServer', {
  method: 'POST',
  path: '/api/v1/servers/{id}/stop',
  summary: 'Stop a server: its container goes, /data stays',
  access: 'user',
  scope: 'servers',
  status: 202,
  params: idParamsSchema,
  response: serverSchema,
});

export const resetServer = defineRoute('resetServer', {
  method: 'POST',
  path: '/api/v1/servers/{id}/reset',
  summary: 'Replace the container by a fresh one of the same image; /data stays',
  access: 'user',
  serverApi: true,
  scope: 'servers',
  status: 202,
  params: idParamsSchema,
  response: serverSchema,
});

/** A path on a server's origin; one leading slash, no spaces, nothing that a browser reads as another host. */
const serverPathSchema = z
  .string()
  .max(4000)
  .regex(/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/, 'must be a path on the server');

/**
 * Without `editor` the first of the image. `port` opens an app that listens inside. `path` leads deeper into what is
 * opened, as `/jupyterlab/lab/tree/a.ipynb`; one that belongs to something else is ignored. `language` is that of the pages
 * which say that a server is starting or has stopped; without it they follow the browser.
 */
export const openServer = defineRoute('openServer', {
  method: 'POST',
  path: '/api/v1/servers/{id}/open',
  summary: 'A single-use link, good for 30 seconds, that opens an editor or a port of the server',
  access: 'user',
  serverApi: true,
  scope: 'servers',
  params: idParamsSchema,
  body: z
    .object({
      editor: editorSchema,
      port: z.number().int().min(1).max(65_535),
      path: serverPathSchema,
      language: z.enum(['en', 'zh']),
    })
    .partial()
    .default({}),
  response: z.object({ url: z.url() }),
});

export const getServerLogs = defineRoute('getServerLogs', {
  method: 'GET',
  path: '/api/v1/servers/{id}/logs',
  summary: 'The last lines that the container wrote',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  query: z.object({ tail: z.coerce.number().int().min(1).max(5000).default(500) }),
  response: z.object({ lines: z.array(z.string()), source: z.enum(['container', 'last-container', 'none']) }),
});

export const getSizes = defineRoute('getSizes', {
  method: 'GET',
  path: '/api/v1/sizes',
  summary: 'Presets, my quota and what is free right now',
  access: 'user',
  response: sizesSchema,
});
