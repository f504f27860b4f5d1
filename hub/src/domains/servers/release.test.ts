import { releasePolicySchema, type AliveCode } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { assessRelease, PERIODS, warningOf, type AgentWord, type ReleaseFacts } from './release.ts';

const NOW = new Date('2030-01-01T12:00:00Z');
const MINUTE = 60_000;
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * MINUTE);
const ahead = (minutes: number): Date => ago(-minutes);
const isoAgo = (minutes: number): string => ago(minutes).toISOString();

type Activity = AgentWord['activity'];

/** An agent of the present that has seen nothing for a day. */
const quiet: Activity = {
  lastInputAt: isoAgo(1500),
  pagesOpen: 0,
  busy: false,
  busyReason: null,
  lastOutputAt: null,
  busyCode: null,
  lastBusyAt: isoAgo(1500),
  lastPageAt: isoAgo(1500),
};

const agent = (changes: Partial<Activity> = {}, { since = ago(2000), fresh = true } = {}): AgentWord => ({
  activity: { ...quiet, ...changes },
  since,
  fresh,
});

/** An agent of an old image: it does not remember and gives no code. */
const oldAgent = (changes: Partial<Activity> = {}, about?: { since?: Date; fresh?: boolean }): AgentWord => {
  const word = agent(changes, about);
  const { busyCode: _, lastBusyAt: __, lastPageAt: ___, ...activity } = word.activity;
  return { ...word, activity };
};

const facts = (changes: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  policy: '2h',
  readyAt: ago(3000),
  agent: agent(),
  lastInputAt: null,
  keepUntil: null,
  leftAt: ago(10),
  warnedAt: null,
  saving: false,
  leftAfterMs: 60 * MINUTE,
  ...changes,
});

const assess = (changes: Partial<ReleaseFacts> = {}) => assessRelease(facts(changes), NOW);

describe('what keeps a server', () => {
  it.each<[string, Partial<ReleaseFacts>, AliveCode]>([
    ['the policy', { policy: 'manual' }, 'manual'],
    [
      'a busy kernel, whatever the policy',
      { policy: 'manual', agent: agent({ busy: true, busyCode: 'kernel-busy' }) },
      'kernel-busy',
    ],
    ['a running save, whatever the policy', { policy: 'manual', saving: true }, 'saving'],
    ['a running save', { saving: true }, 'saving'],
    ['an agent that has not answered yet', { agent: undefined }, 'unknown'],
    ['an agent that answered long ago', { agent: agent({}, { fresh: false }) }, 'unknown'],
    ['an agent that does not know', { agent: agent({ busy: null }) }, 'unknown'],
    ['a busy kernel without a page', { agent: agent({ busy: true, busyCode: 'kernel-busy' }) }, 'kernel-busy'],
    ['terminal output', { agent: agent({ busy: true, busyCode: 'terminal-output' }) }, 'terminal-output'],
    ['computing', { agent: agent({ busy: true, busyCode: 'cpu-busy' }) }, 'cpu-busy'],
    ['a computing GPU', { agent: agent({ busy: true, busyCode: 'gpu-busy' }) }, 'gpu-busy'],
    ['an old agent that only says that it is busy', { agent: oldAgent({ busy: true }) }, 'kernel-busy'],
    ['a page in use', { agent: agent({ pagesOpen: 2, lastInputAt: isoAgo(59) }) }, 'input'],
    ['a page, by what an editor reported', { agent: agent({ pagesOpen: 1 }), lastInputAt: ago(59) }, 'input'],
    [
      'a page in use while work is not known',
      { agent: agent({ pagesOpen: 1, busy: null }), lastInputAt: ago(1) },
      'input',
    ],
    [
      'a page on a fresh server that nobody has touched yet',
      { readyAt: ago(30), agent: agent({ pagesOpen: 1, lastInputAt: null }) },
      'page-open',
    ],
  ])('%s', (_name, changes, code) => {
    const { state, due, warnedAt } = assess({ warnedAt: ago(1), ...changes });
    expect(state).toMatchObject({ because: { code }, releaseAt: null, warnAt: null });
    expect([due, warnedAt]).toEqual([false, null]);
  });

  it.each<[string, Partial<ReleaseFacts>]>([
    ['an open tab that nobody has touched for an hour', { agent: agent({ pagesOpen: 3, lastInputAt: isoAgo(61) }) }],
    ['input without a page', { agent: agent({ lastInputAt: isoAgo(1) }) }],
    ['a page that was closed', { agent: agent({ lastPageAt: isoAgo(0.1) }) }],
    ['an input of the day after tomorrow, without a page', { agent: agent({ lastInputAt: isoAgo(-2880) }) }],
    ['a time that is none', { agent: agent({ lastInputAt: 'soon', lastPageAt: '', lastBusyAt: 'x' }) }],
  ])('is not %s', (_name, changes) => {
    expect(assess(changes).state).toMatchObject({ because: { code: 'leaving' }, releaseAt: expect.any(String) });
  });
});

describe('the clock', () => {
  const leftAt = (changes: Partial<ReleaseFacts>): string | null => assess(changes).state.leftAt;

  it.each<[string, Partial<ReleaseFacts>, Date | null]>([
    ['goes on from where it was', { leftAt: ago(30) }, ago(30)],
    ['starts now where something kept the server until now', { leftAt: null }, NOW],
    ['starts at the last input', { leftAt: ago(30), agent: agent({ lastInputAt: isoAgo(7) }) }, ago(7)],
    [
      'starts when the last page was closed',
      { leftAt: ago(200), agent: agent({ lastPageAt: isoAgo(5), lastInputAt: isoAgo(20) }) },
      ago(5),
    ],
    [
      'starts an hour after the last input of a page that stayed open',
      { leftAt: ago(200), agent: agent({ pagesOpen: 1, lastInputAt: isoAgo(80) }) },
      ago(20),
    ],
    [
      'starts an hour after the last input of a page that was closed untouched',
      { leftAt: ago(500), agent: agent({ lastPageAt: isoAgo(5), lastInputAt: isoAgo(180) }) },
      ago(120),
    ],
    ['starts when the work ended', { leftAt: ago(30), agent: agent({ lastBusyAt: isoAgo(3) }) }, ago(3)],
    ['starts when the server was ready', { leftAt: ago(90), readyAt: ago(40) }, ago(40)],
    ['is never ahead of now', { agent: agent({ lastBusyAt: isoAgo(-600) }) }, NOW],
    ['stands still in memory while nothing is known', { leftAt: ago(30), agent: undefined }, ago(30)],
    [
      'stands still while an agent that remembers is silent',
      { leftAt: ago(30), agent: agent({}, { fresh: false }) },
      ago(30),
    ],
    [
      'is given up while an agent that forgets is silent',
      { leftAt: ago(30), agent: oldAgent({}, { fresh: false }) },
      null,
    ],
    [
      'starts with this hub where the agent does not remember',
      { leftAt: ago(90), agent: oldAgent({}, { since: ago(4) }) },
      ago(4),
    ],
    ['is empty while somebody is there', { agent: agent({ pagesOpen: 1, lastInputAt: isoAgo(1) }) }, null],
    ['is told of `manual`, too', { policy: 'manual', leftAt: ago(30) }, ago(30)],
  ])('%s', (_name, changes, expected) => {
    expect(leftAt(changes)).toBe(expected?.toISOString() ?? null);
  });
});

describe('the release', () => {
  it.each(releasePolicySchema.exclude(['manual']).options)('comes one period after leaving: %s', (policy) => {
    const left = ahead(-0.5);
    const { state, due } = assess({ policy, leftAt: left });
    const period = PERIODS[policy];
    expect(Date.parse(state.releaseAt!) - left.getTime()).toBe(period);
    expect(Date.parse(state.releaseAt!) - Date.parse(state.warnAt!)).toBe(Math.min(30 * MINUTE, period / 3));
    expect(due).toBe(false);
  });

  it('warns 30 minutes ahead, or a third of a shorter period', () => {
    expect([PERIODS['2h'], PERIODS['24h'], PERIODS.automatic].map(warningOf)).toEqual([
      30 * MINUTE,
      30 * MINUTE,
      100_000,
    ]);
  });

  it('begins to warn when it is time, and remembers since when', () => {
    expect(assess({ leftAt: ago(89) }).warnedAt).toBeNull();
    const first = assess({ leftAt: ago(90) });
    expect([first.warnedAt, first.state.releaseAt]).toEqual([NOW, ahead(30).toISOString()]);
    const later = assess({ leftAt: ago(110), warnedAt: ago(20) });
    expect([later.warnedAt, later.state.warnAt, later.state.releaseAt]).toEqual([
      ago(20),
      isoAgo(20),
      ahead(10).toISOString(),
    ]);
  });

  it('is due at the end and not before', () => {
    expect(assess({ leftAt: ago(119.9), warnedAt: ago(29.9) }).due).toBe(false);
    expect(assess({ leftAt: ago(120), warnedAt: ago(30) }).due).toBe(true);
  });

  it.each<[string, Partial<ReleaseFacts>]>([
    ['the policy was shortened', { leftAt: ago(400) }],
    ['the clock jumped', { policy: '24h', leftAt: ago(3000) }],
    [
      'the hub was away, and the warning was not seen',
      { leftAt: ago(400), warnedAt: ago(300), agent: agent({}, { since: NOW }) },
    ],
  ])('waits until the warning was seen, also when %s', (_name, changes) => {
    const { state, due } = assess(changes);
    expect([state.releaseAt, due]).toEqual([ahead(30).toISOString(), false]);
  });

  it('is put off by Keep, which never shortens', () => {
    const kept = assess({ leftAt: ago(110), warnedAt: ago(20), keepUntil: ahead(120) });
    expect(kept).toMatchObject({
      warnedAt: null,
      state: { because: { code: 'keep' }, warnAt: ahead(90).toISOString(), releaseAt: ahead(120).toISOString() },
    });
    const longer = assess({ policy: '24h', leftAt: ago(10), keepUntil: ahead(120) });
    expect(longer.state).toMatchObject({ because: { code: 'leaving' }, releaseAt: ahead(1430).toISOString() });
  });

  it('of `automatic` leaves a person the time to come to a server that nobody has opened yet', () => {
    const never = { policy: 'automatic' as const, readyAt: ago(20), leftAt: ago(20) };
    const { state } = assess({ ...never, agent: agent({ lastPageAt: null, lastInputAt: null, lastBusyAt: null }) });
    expect(state.releaseAt).toBe(ahead(45).toISOString());
    const opened = assess({
      ...never,
      agent: agent({ lastPageAt: isoAgo(2), lastInputAt: isoAgo(3), lastBusyAt: null }),
    });
    expect(opened.state.releaseAt).toBe(ahead(3).toISOString());
  });
});
