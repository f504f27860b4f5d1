import type { AliveCode, ImageJob, ReleaseState } from '@davit/contract';
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

/** Work that a release, stop, reset or deletion would end, in words that are worth reading before. */
const RUNNING: ReadonlySet<AliveCode> = new Set(['kernel-busy', 'terminal-output', 'cpu-busy', 'gpu-busy', 'saving']);

/** What works in a server as far as the hub knows, also where only another editor shows it; undefined when nothing does. */
export function workIn(
  release: Pick<ReleaseState, 'because'> | null | undefined,
  texts: Pick<ReleaseTexts, 'alive'>,
): string | undefined {
  const code = release?.because.code;
  return code !== undefined && RUNNING.has(code) ? texts.alive[code] : undefined;
}

/** What goes on in a server and ends with it, one sentence each; `saves` are those of it that are under way. */
export function goingOn(
  release: Pick<ReleaseState, 'because'> | null | undefined,
  saves: readonly Pick<ImageJob, 'name' | 'version'>[],
  texts: Pick<ReleaseTexts, 'alive' | 'endsSave' | 'stillRunning'>,
): string[] {
  const lines = saves.map(({ name, version }) => texts.endsSave(`${name}:${version}`));
  const work = workIn(release, texts);
  const isTold = release?.because.code === 'saving' && saves.length > 0;
  return work === undefined || isTold ? lines : [...lines, texts.stillRunning(work)];
}
