import { z } from 'zod';
import { idParamsSchema, idSchema, pageOf, pageQuerySchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';

/** The three editors; an image declares which it carries, none makes a command-line server. */
export const editorSchema = z.enum(['jupyterlab', 'code-server', 'desktop']);
export type Editor = z.infer<typeof editorSchema>;

/** `absent`: built or pulled when first needed. */
export const imagePhaseSchema = z.enum(['absent', 'building', 'ready', 'failed']);
export type ImagePhase = z.infer<typeof imagePhaseSchema>;

/** Name of an image as OCI writes one path component. */
export const imageNameSchema = z
  .string()
  .min(1)
  .max(58)
  .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'lower-case letters and digits, parted by single - _ or .');

/** Version of an image; never moves, so `latest` is none. Name and version together have at most 60 characters. */
export const imageVersionSchema = z
  .string()
  .min(1)
  .max(58)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, - _ and ., beginning with a letter or digit')
  .refine((value) => value !== 'latest', 'must not be "latest": a version never moves');

/** Length of `name:version` that is allowed. */
export const IMAGE_TAG_MAX = 60;

/** What an admin may set about starting an image; nothing else reaches the engine. */
export const launchOptionsSchema = z.strictObject({
  /** Servers of this image need at least one card. */
  needsGpu: z.boolean().default(false),
  /** People may use sudo inside. */
  sudo: z.boolean().default(false),
  environment: z
    .record(
      z
        .string()
        .max(100)
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of letters, digits and _')
        .refine(
          (name) => !/^(DAVIT_|LD_|NODE_OPTIONS$|PATH$|HOME$|MEM_LIMIT$)/.test(name),
          'is set by Davit or would break its agent',
        ),
      z
        .string()
        .max(2000)
        .regex(/^\P{Cc}*$/u, 'must not have control characters'),
    )
    .default({}),
  /**
   * Started beside the editors, as the user, in the work directory; null starts nothing. Started again when it fails; one
   * that ends with status 0 is done.
   */
  command: z.array(z.string().max(1000)).min(1).max(50).nullable().default(null),
  /** Which of the image's editors are offered; null offers all. */
  editors: z.array(editorSchema).nullable().default(null),
});
export type LaunchOptions = z.infer<typeof launchOptionsSchema>;

/** Somebody an image is shared with. */
export const imageShareSchema = z.object({ kind: z.enum(['user', 'group']), id: idSchema, name: z.string() });
export type ImageShare = z.infer<typeof imageShareSchema>;

/**
 * An image that servers start from; built-in ones have no owner. `reason` says in words how a build goes or failed.
 * `origin`: whose it is from the viewer's side. `shares` is told to the owner and admins only.
 */
export const imageSchema = z.object({
  id: idSchema,
  name: z.string(),
  version: z.string(),
  title: z.string(),
  description: z.string(),
  ownerId: idSchema.nullable(),
  ownerName: z.string().nullable(),
  visibility: z.enum(['private', 'public']),
  origin: z.enum(['built-in', 'own', 'shared', 'public']),
  shares: z.array(imageShareSchema),
  editors: z.array(editorSchema),
  phase: imagePhaseSchema,
  reason: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  /** The image it was saved from or built on. */
  createdFrom: z.object({ imageId: idSchema, name: z.string() }).nullable(),
  launch: launchOptionsSchema,
  createdAt: timeSchema,
});
export type Image = z.infer<typeof imageSchema>;

export const listImages = defineRoute('listImages', {
  method: 'GET',
  path: '/api/v1/images',
  summary: 'Images I can start a server from',
  access: 'user',
  serverApi: true,
  query: pageQuerySchema.extend({
    origin: z.enum(['built-in', 'own', 'shared', 'public']).optional(),
    /** Words of names, titles, descriptions and editors; of built-in images also as they are in `language`. */
    search: z.string().max(100).optional(),
    language: z.enum(['en', 'zh']).optional(),
    /** `all`: everybody's, for admins. */
    scope: z.enum(['usable', 'all']).default('usable'),
  }),
  response: pageOf(imageSchema),
});

export const prepareImage = defineRoute('prepareImage', {
  method: 'POST',
  path: '/api/v1/images/{id}/prepare',
  summary: 'Build the image now, so that the first start does not wait for it',
  access: 'admin',
  status: 202,
  params: idParamsSchema,
  response: imageSchema,
});
