import { z } from 'zod';
import { idParamsSchema, idSchema, pageOf, pageQuerySchema, timeSchema } from './common.ts';
import { editorSchema, imageNameSchema, imageVersionSchema } from './images.ts';
import { defineRoute } from './route.ts';

/**
 * What a job does now. `saving` reads the container's changes, `squashing` joins layers, `importing` an uploaded tar,
 * `building` a Dockerfile.
 */
export const imageJobPhaseSchema = z.enum([
  'queued',
  'checking',
  'saving',
  'squashing',
  'importing',
  'building',
  'cancelling',
  'done',
  'failed',
  'cancelled',
]);
export type ImageJobPhase = z.infer<typeof imageJobPhaseSchema>;

/** A save, upload or build on its way to an image. `percent` only where it is real; `imageId` once the image is there. */
export const imageJobSchema = z.object({
  id: idSchema,
  kind: z.enum(['save', 'upload', 'build']),
  ownerId: idSchema,
  serverId: idSchema.nullable(),
  serverName: z.string().nullable(),
  name: z.string(),
  version: z.string(),
  description: z.string(),
  phase: imageJobPhaseSchema,
  percent: z.number().min(0).max(100).nullable(),
  bytesDone: z.number().int().nullable(),
  bytesTotal: z.number().int().nullable(),
  /** Why it failed and what to do. */
  reason: z.string().nullable(),
  imageId: idSchema.nullable(),
  createdAt: timeSchema,
  endedAt: timeSchema.nullable(),
  revision: z.number().int(),
});
export type ImageJob = z.infer<typeof imageJobSchema>;

/** A path pattern below `/` as tar knows it: `home/davit/.ssh`, `*` and `**` allowed; nothing leads outside. */
const scrubPatternSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\/[^\p{Cc}]+$/u, 'must be a path that begins with a slash')
  .refine((value) => !value.split('/').includes('..'), 'must not contain ".."');

export const saveImageSchema = z.strictObject({
  name: imageNameSchema,
  version: imageVersionSchema,
  description: z.string().max(2000).default(''),
  /** Left out of the image besides what always is. */
  scrub: z.array(scrubPatternSchema).max(50).default([]),
});
export type SaveImage = z.infer<typeof saveImageSchema>;

/** What a save would do: what is not saved, how large, what is left out, and whether there is room. */
export const savePreviewSchema = z.object({
  /** Directories that are not part of the image, with their size where it was measured in time. */
  notSaved: z.array(
    z.object({ path: z.string(), why: z.enum(['data', 'mount', 'tmpfs']), bytes: z.number().nullable() }),
  ),
  /** Patterns that are always left out. */
  scrubbed: z.array(z.string()),
  /** Size of what changed since the image, null when not known. */
  changedBytes: z.number().nullable(),
  freeBytes: z.number().nullable(),
  suggestion: z.object({ name: z.string(), version: z.string() }),
});
export type SavePreview = z.infer<typeof savePreviewSchema>;

export const previewSave = defineRoute('previewSave', {
  method: 'GET',
  path: '/api/v1/servers/{id}/save',
  summary: 'What saving this server as an image would keep and leave out',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  response: savePreviewSchema,
});

export const saveServer = defineRoute('saveServer', {
  method: 'POST',
  path: '/api/v1/servers/{id}/save',
  summary: 'Save a running server as an image; it goes on meanwhile',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  status: 202,
  params: idParamsSchema,
  body: saveImageSchema,
  response: imageJobSchema,
});

export const listImageJobs = defineRoute('listImageJobs', {
  method: 'GET',
  path: '/api/v1/image-jobs',
  summary: 'My saves, uploads and builds, newest first',
  access: 'user',
  serverApi: true,
  query: pageQuerySchema.extend({ server: idSchema.optional(), active: z.stringbool().optional() }),
  response: pageOf(imageJobSchema),
});

export const getImageJob = defineRoute('getImageJob', {
  method: 'GET',
  path: '/api/v1/image-jobs/{id}',
  summary: 'One save, upload or build',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  response: imageJobSchema,
});

export const getImageJobLog = defineRoute('getImageJobLog', {
  method: 'GET',
  path: '/api/v1/image-jobs/{id}/log',
  summary: 'Lines of the log after the first `after`; `next` is the `after` of the next question',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
  response: z.object({ lines: z.array(z.string()), next: z.number().int(), ended: z.boolean() }),
});

export const cancelImageJob = defineRoute('cancelImageJob', {
  method: 'POST',
  path: '/api/v1/image-jobs/{id}/cancel',
  summary: 'Stop a save, upload or build; no image and no layer stays',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  status: 202,
  params: idParamsSchema,
  response: imageJobSchema,
});

/** The body is the tar itself (`application/x-tar`, as `docker save` or `podman save` writes it), streamed to disk. */
export const uploadImage = defineRoute('uploadImage', {
  method: 'POST',
  path: '/api/v1/images/upload',
  summary: 'Make an image of an uploaded tar (of docker save or an OCI archive)',
  access: 'admin',
  status: 202,
  query: z.object({
    name: imageNameSchema,
    version: imageVersionSchema,
    description: z.string().max(2000).default(''),
    /** Editors that the image carries, comma separated; those of its label when left out. */
    editors: z.string().max(200).optional(),
  }),
  response: imageJobSchema,
});

export const buildImage = defineRoute('buildImage', {
  method: 'POST',
  path: '/api/v1/images/build',
  summary: 'Build an image from a Dockerfile on top of an image of the hub',
  access: 'admin',
  status: 202,
  body: z.strictObject({
    name: imageNameSchema,
    version: imageVersionSchema,
    description: z.string().max(2000).default(''),
    /** The image that `FROM ${BASE}` means. */
    baseId: idSchema,
    dockerfile: z.string().min(1).max(100_000),
    editors: z.array(editorSchema).optional(),
  }),
  response: imageJobSchema,
});
