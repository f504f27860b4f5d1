import { aliveCodeSchema, type ReleaseState } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { goingOn, releaseParts, shouldWarn } from './releaseLine.ts';
import { RELEASE_TEXTS } from './releaseTexts.ts';

const NOW = Date.parse('2030-01-01T12:00:00Z');
const units = { day: 'd', hour: 'h', minute: 'min', second: 's' };
const inMinutes = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

const state = (changes: Partial<ReleaseState> = {}): ReleaseState => ({
  policy: '2h',
  because: { code: 'leaving', message: '', params: {} },
  lastInputAt: null,
  pagesOpen: 0,
  leftAt: null,
  keepUntil: null,
  warnAt: inMinutes(80),
  releaseAt: inMinutes(110),
  ...changes,
});
const kept = (code: ReleaseState['because']['code'], policy: ReleaseState['policy'] = '2h'): ReleaseState =>
  state({ policy, because: { code, message: '', params: {} }, warnAt: null, releaseAt: null });

describe('the line about a release', () => {
  const { en, zh } = RELEASE_TEXTS;

  it('counts down, says what keeps the server, or that nothing will end it', () => {
    expect(releaseParts(state(), NOW, en, units)).toEqual(['Releases in 1 h 50 min', 'nobody is there']);
    expect(releaseParts(kept('kernel-busy'), NOW, en, units)).toEqual([
      'Releases 2 hours after you leave',
      'kept alive: kernel busy',
    ]);
    expect(releaseParts(kept('manual', 'manual'), NOW, en, units)).toEqual(['Releases only by hand']);
  });

  it.each(aliveCodeSchema.options)('has words for %s in both languages', (code) => {
    for (const texts of [en, zh]) {
      const [, why] = releaseParts(kept(code), NOW, texts, units);
      expect(why).toContain(texts.alive[code]);
    }
    expect(zh.alive[code]).toMatch(/\p{Script=Han}/u);
  });

  it.each([
    ['before its time', inMinutes(1), inMinutes(30), false],
    ['from its time on', inMinutes(0), inMinutes(30), true],
    ['no more once the moment is over', inMinutes(-60), inMinutes(0), false],
    ['not while something keeps the server', inMinutes(-60), null, false],
    ['not without a time for it', null, inMinutes(30), false],
  ])('is a warning: %s', (_, warnAt, releaseAt, warned) => {
    expect(shouldWarn(state({ warnAt, releaseAt }), NOW)).toBe(warned);
  });

  it('is no warning of a server that does not run or is not known', () => {
    expect([shouldWarn(null, NOW), shouldWarn(undefined, NOW)]).toEqual([false, false]);
  });
});

describe('what ends with a server', () => {
  const { en, zh } = RELEASE_TEXTS;
  const saves = [{ name: 'env', version: '2' }];

  it('names the saves that are under way, and what works in it, whoever is asked', () => {
    expect(goingOn(kept('cpu-busy'), saves, en)).toEqual([
      'It is being saved as env:2. The save fails when the server ends now.',
      'Something is still going on in it: programs computing.',
    ]);
    expect(goingOn(kept('gpu-busy', 'manual'), [], zh)).toEqual(['其中仍在进行：GPU 正在计算。']);
  });

  it('tells of a save once, and of one that others may not see without its name', () => {
    expect(goingOn(kept('saving'), saves, en)).toHaveLength(1);
    expect(goingOn(kept('saving'), [], zh)).toEqual(['其中仍在进行：正在保存镜像。']);
  });

  it.each([null, undefined, state(), kept('page-open'), kept('unknown'), kept('manual', 'manual')])(
    'says nothing of a server in which nothing works: %#',
    (release) => {
      expect(goingOn(release, [], en)).toEqual([]);
    },
  );
});
