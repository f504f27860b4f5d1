import { z } from 'zod';

/** 12 random characters, never reused: ids become DNS labels, container names and directories. */
export const idSchema = z.string().regex(/^[a-z0-9]{12}$/, 'must be 12 characters of a-z and 0-9');

/** Text of one line for people: no control characters, which PostgreSQL (NUL) and terminals cannot take. */
export function lineSchema(max: number) {
  return z
    .string()
    .max(max)
    .regex(/^\P{Cc}*$/u, 'must not have control characters');
}

/** A moment as ISO 8601 in UTC. */
export const timeSchema = z.iso.datetime();

/** CPU in cores (0.1 steps), memory in MiB, GPU in whole cards. */
export const resourcesSchema = z.object({
  cpu: z.number().min(0.1).max(1024),
  memoryMb: z.number().int().min(128).max(16_777_216),
  gpu: z.number().int().min(0).max(1024),
});
export type Resources = z.infer<typeof resourcesSchema>;

/** Query of each list: `cursor` is the `nextCursor` of the page before. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** One page of a list; `nextCursor` is null on the last page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** One page as plain data. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export const idParamsSchema = z.object({ id: idSchema });

/** What a token may do: `read` all of the owner's, write `servers`, change the `account`, `admin` for an admin's rights. */
export const scopeSchema = z.enum(['read', 'servers', 'account', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;

export const roleSchema = z.enum(['user', 'teacher', 'admin']);
export type Role = z.infer<typeof roleSchema>;
