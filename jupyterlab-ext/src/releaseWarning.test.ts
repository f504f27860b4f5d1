import { describe, expect, it } from '@jest/globals';
import type { ReleaseState } from '@davit/contract';
import { isWarned } from './releaseWarning.ts';

const AT = Date.parse('2026-03-01T12:00:00Z');

function state(warnAt: string | null, releaseAt: string | null): ReleaseState {
  const because = { code: 'leaving', message: '', params: {} } as const;
  return { policy: '2h', because, lastInputAt: null, pagesOpen: 0, leftAt: null, keepUntil: null, warnAt, releaseAt };
}

describe('the warning', () => {
  it.each([
    ['before its time', '2026-03-01T12:00:01Z', '2026-03-01T12:30:00Z', false],
    ['from its time on', '2026-03-01T12:00:00Z', '2026-03-01T12:30:00Z', true],
    ['no more once the moment is over', '2026-03-01T11:00:00Z', '2026-03-01T12:00:00Z', false],
    ['not while something keeps the server', '2026-03-01T11:00:00Z', null, false],
    ['not without a time for it', null, '2026-03-01T12:30:00Z', false],
  ])('is due %s', (_, warnAt, releaseAt, due) => {
    expect(isWarned(state(warnAt, releaseAt), AT)).toBe(due);
  });

  it('is not due for a server that is not known', () => {
    expect(isWarned(undefined, AT)).toBe(false);
    expect(isWarned(null, AT)).toBe(false);
  });
});
