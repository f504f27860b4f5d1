import type { ReleaseState } from '@davit/contract';

/** True from the moment on that its person is to be warned of, until the release or until something keeps the server. */
export function isWarned(release: ReleaseState | null | undefined, now: number): boolean {
  if (release == null || release.releaseAt === null || release.warnAt === null) return false;
  return Date.parse(release.warnAt) <= now && now < Date.parse(release.releaseAt);
}
