import type { EventType } from '@davit/contract';

/** First part of each query key: what a page shows, grouped by what makes it out of date. */
export type Topic =
  | 'info'
  | 'me'
  | 'server'
  | 'sizes'
  | 'image'
  | 'image-job'
  | 'user'
  | 'group'
  | 'token'
  | 'session'
  | 'settings'
  | 'usage'
  | 'metrics';

/** Which topics are out of date after a change of that kind. */
export const OUTDATED: Record<EventType, readonly Topic[]> = {
  server: ['server', 'sizes', 'me'],
  image: ['image'],
  'image-job': ['image-job'],
  user: ['user', 'me'],
  group: ['group'],
  token: ['token'],
  session: ['session'],
  settings: ['settings', 'info', 'me', 'sizes'],
  quota: ['me', 'sizes', 'user', 'settings'],
};
