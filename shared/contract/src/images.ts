import { z } from 'zod';
import { idParamsSchema, idSchema, pageOf, pageQuerySchema, timeSchema } from './common.ts';
import { defineRoute } from './route.ts';

/** The three editors; an image declares which it carries, none makes a command-line server. */
export const editorSchema = z.enum(['jupyterlab', 'code-server', 'desktop']);
export type Editor = z.infer<typeof editorSchema>;

/** `absent`: built or pulled when first needed. */
export const imagePhaseSchema = z.enum(['absent', 'building', 'ready', 'failed']);
export type ImagePhase = z.infer<typeof imagePhaseSchema>;

/** An image that servers start from; built-in ones have no owner. `reason` says in words how a build goes or failed. */
export const imageSchema = z.object({
  id: idSchema,
  name: z.string(),
  version: z.string(),
  title: z.string(),
  description: z.string(),
  ownerId: idSchema.nullable(),
  visibility: z.enum(['private', 'public']),
  editors: z.array(editorSchema),
  phase: imagePhaseSchema,
  reason: z.string().nullable(),
  sizeBytes: z.number().int().nullable(),
  createdAt: timeSchema,
});
export type Image = z.infer<typeof imageSchema>;

export const listImages = defineRoute('listImages', {
  method: 'GET',
  path: '/api/v1/images',
  summary: 'Images I can start a server from',
  access: 'user',
  query: pageQuerySchema,
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
