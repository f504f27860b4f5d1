import type { ReleaseState } from '@davit/contract';
import { formatDuration, type TimeUnits } from './format.ts';
import type { ReleaseTexts } from './releaseTexts.ts';

/** Whether the person has to be warned at `now`. */
export function shouldWarn({ warnAt, releaseAt }: ReleaseState, now: number): boolean {
  return warnAt !== null && releaseAt !== null && now >= Date.parse(warnAt);
}

/** What the line about a release says: when, and where something keeps the server what that is. */
export function releaseParts(state: ReleaseState, now: number, texts: ReleaseTexts, units: TimeUnits): string[] {
  const { policy, releaseAt, because } = state;
  if (policy === 'manual') return [texts.releases(texts.policies.manual)];
  if (releaseAt === null) return [texts.releases(texts.policies[policy]), texts.keptAlive(texts.alive[because.code])];
  const when = texts.releasesIn(formatDuration(Date.parse(releaseAt) - now, units));
  return [when, texts.alive[because.code]];
}
