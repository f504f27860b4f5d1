import { z } from 'zod';
import { pageOf, pageQuerySchema } from './common.ts';
import { defineRoute } from './route.ts';

/** A repository of the registry. `tags` holds the first twenty of `tagCount`; sizes are as they travel, compressed. */
export const registryRepositorySchema = z.object({
  name: z.string(),
  tagCount: z.number().int(),
  tags: z.array(z.object({ name: z.string(), digest: z.string().nullable(), sizeBytes: z.number().int().nullable() })),
});
export type RegistryRepository = z.infer<typeof registryRepositorySchema>;

/** `host`: the registry as nodes and people name it, null where the hub has none. */
export const listRegistryRepositories = defineRoute('listRegistryRepositories', {
  method: 'GET',
  path: '/api/v1/registry/repositories',
  summary: 'What lies in the registry that a cluster takes images from',
  access: 'admin',
  query: pageQuerySchema.extend({
    limit: z.coerce.number().int().min(1).max(50).default(20),
    cursor: z.string().max(500).optional(),
  }),
  response: pageOf(registryRepositorySchema).extend({ host: z.string().nullable() }),
});
