import type { ReleaseState } from '@davit/contract';
import { formatDuration, type TimeUnits } from './format.ts';
import type { ReleaseTexts } from './releaseTexts.ts';

/**
 * Whether the person has to be warned at `now`: from the moment on that the hub names, until the release or until something
 * keeps the server. Null and undefined: the server does not run, or is not known.
 */
export function shouldWarn(release: ReleaseState | null | undefined, now: number): boolean {
  if (release == null || release.warnAt === null || release.releaseAt === null) return false;
  return Date.parse(release.warnAt) <= now && now < Date.parse(release.releaseAt);
}

/** What the line about a release says: when, and where something keeps the server what that is. */
export function releaseParts(state: ReleaseState, now: number, texts: ReleaseTexts, units: TimeUnits): string[] {
  const { policy, releaseAt, because } = state;
  if (policy === 'manual') return [texts.releases(texts.policies.manual)];
  if (releaseAt === null) return [texts.releases(texts.policies[policy]), texts.keptAlive(texts.alive[because.code])];
  const when = texts.releasesIn(formatDuration(Date.parse(releaseAt) - now, units));
  return [when, texts.alive[because.code]];
}
