import type { Group } from '@davit/contract';

/** The group that everybody is in; its members cannot be changed, and the hub describes it. */
export function isEverybody({ name }: Pick<Group, 'name'>): boolean {
  return name === 'public';
}
