import { z } from 'zod';
import { idParamsSchema } from './common.ts';
import { imageSchema, launchOptionsSchema } from './images.ts';
import { defineRoute } from './route.ts';

export const getImage = defineRoute('getImage', {
  method: 'GET',
  path: '/api/v1/images/{id}',
  summary: 'One image',
  access: 'user',
  serverApi: true,
  params: idParamsSchema,
  response: imageSchema,
});

/** `public` adds it to everybody's library; the owner or an admin may. */
export const updateImage = defineRoute('updateImage', {
  method: 'PATCH',
  path: '/api/v1/images/{id}',
  summary: 'Describe an image, or add it to the library of all; left-out fields stay',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  params: idParamsSchema,
  body: z.strictObject({ description: z.string().max(2000), visibility: z.enum(['private', 'public']) }).partial(),
  response: imageSchema,
});

/** People and groups by name. */
export const shareImage = defineRoute('shareImage', {
  method: 'PUT',
  path: '/api/v1/images/{id}/shares',
  summary: 'Say with whom an image is shared, instead of whom it was shared with',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  params: idParamsSchema,
  body: z.strictObject({
    shares: z.array(z.strictObject({ kind: z.enum(['user', 'group']), name: z.string().max(100) })).max(200),
  }),
  response: imageSchema,
});

export const setImageLaunch = defineRoute('setImageLaunch', {
  method: 'PUT',
  path: '/api/v1/images/{id}/launch',
  summary: 'Say how servers of an image are started',
  access: 'admin',
  params: idParamsSchema,
  body: launchOptionsSchema,
  response: imageSchema,
});

/** Refused with 409 while servers use it; `details.servers` lists them as `{id, name, ownerName}`. */
export const deleteImage = defineRoute('deleteImage', {
  method: 'DELETE',
  path: '/api/v1/images/{id}',
  summary: 'Delete an image that no server uses',
  access: 'user',
  scope: 'servers',
  serverApi: true,
  params: idParamsSchema,
});
