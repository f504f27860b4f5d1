import { z } from 'zod';

/** Kinds of things that change; a front end refetches what it shows of that kind. */
export const eventTypeSchema = z.enum([
  'server',
  'image',
  'image-job',
  'user',
  'group',
  'token',
  'session',
  'settings',
  'quota',
]);
export type EventType = z.infer<typeof eventTypeSchema>;

/**
 * A hint that something changed, sent after the commit under the socket.io name `change`. It never carries truth: the
 * receiver asks again. `version` grows with each change of the same object.
 */
export const changeEventSchema = z.object({ type: eventTypeSchema, id: z.string(), version: z.number().int() });
export type ChangeEvent = z.infer<typeof changeEventSchema>;
