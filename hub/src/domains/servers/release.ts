import type { AliveCode, Reason, ReleasePolicy, ReleaseState } from '@davit/contract';
import type { AgentStatus } from './agentClient.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Milliseconds after leaving at which each policy releases; `manual` never does. */
export const PERIODS: Record<Exclude<ReleasePolicy, 'manual'>, number> = {
  automatic: 5 * MINUTE,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '8h': 8 * HOUR,
  '16h': 16 * HOUR,
  '24h': 24 * HOUR,
  '2d': 48 * HOUR,
  '3d': 72 * HOUR,
  '4d': 96 * HOUR,
  '5d': 120 * HOUR,
  '6d': 144 * HOUR,
};

const LONGEST_WARNING = 30 * MINUTE;

/** How long ahead a person is warned: 30 minutes, or a third of a period that is shorter than 90. */
export function warningOf(periodMs: number): number {
  return Math.min(LONGEST_WARNING, periodMs / 3);
}

/** What the hub heard from the agent of a container. */
export interface AgentWord {
  activity: AgentStatus['activity'];
  /** Since when this hub asks it. */
  since: Date;
  /** Whether the answer is of just now; an older one proves nothing. */
  fresh: boolean;
}

/** Everything that decides about a release. */
export interface ReleaseFacts {
  policy: ReleasePolicy;
  readyAt: Date;
  /** Undefined: nothing heard yet. */
  agent: AgentWord | undefined;
  /** What editors reported. */
  lastInputAt: Date | null;
  keepUntil: Date | null;
  /** As the last look found it, see ServerRow. */
  leftAt: Date | null;
  warnedAt: Date | null;
  /** An image is being saved from it. */
  saving: boolean;
  /** A person without input for so long has left, milliseconds. */
  leftAfterMs: number;
}

/** The state as it is shown, what the row has to remember of it, and whether the time has come. */
export interface ReleaseVerdict {
  state: ReleaseState;
  leftAt: Date | null;
  warnedAt: Date | null;
  due: boolean;
}

/** What is known of the person. */
interface Presence {
  lastInput: number | undefined;
  pagesOpen: number | undefined;
  isPresent: boolean;
  /** When the person had gone, by what agent and editors know. */
  goneAt: number;
}

/**
 * How a running server stands towards its release. The clock starts when the person has left (no page is open, or no
 * input for `leftAfterMs`) and nothing keeps it busy; whatever keeps it starts the clock anew afterwards. What is not
 * known keeps it too, but the clock goes on behind it, so that a hub's restart neither shortens nor loses it. Nobody is
 * released without having been warned for the whole time that the policy promises.
 */
export function assessRelease(facts: ReleaseFacts, at: Date): ReleaseVerdict {
  const now = at.getTime();
  const presence = presenceOf(facts, now);
  const kept = keptBecause(facts, presence);
  if (kept !== undefined) {
    // While nothing is known what was known stays true, unless the agent will not be able to tell what it missed.
    const blind = kept === 'unknown' && (facts.agent === undefined || tellsPast(facts.agent));
    return verdict(facts, presence, { because: because(kept, facts), leftAt: blind ? facts.leftAt : null });
  }
  const leftAt = Math.min(now, Math.max(facts.leftAt?.getTime() ?? now, presence.goneAt, busyUntil(facts)));
  if (facts.policy === 'manual') {
    return verdict(facts, presence, { because: because('manual', facts), leftAt: new Date(leftAt) });
  }
  return countDown(facts, presence, { period: PERIODS[facts.policy], leftAt, now });
}

function countDown(
  facts: ReleaseFacts,
  presence: Presence,
  { period, leftAt, now }: { period: number; leftAt: number; now: number },
): ReleaseVerdict {
  const warning = warningOf(period);
  const keepUntil = facts.keepUntil?.getTime() ?? 0;
  const end = Math.max(leftAt + period, earliestEnd(facts, period), (facts.agent?.since.getTime() ?? now) + warning);
  const planned = Math.max(end, keepUntil);
  const warns = now >= planned - warning;
  const warnedAt = warns ? Math.min(facts.warnedAt?.getTime() ?? now, now) : undefined;
  const releaseAt = Math.max(planned, warnedAt === undefined ? 0 : warnedAt + warning);
  return verdict(facts, presence, {
    because: because(keepUntil > end ? 'keep' : 'leaving', facts),
    leftAt: new Date(leftAt),
    warnAt: warnedAt ?? releaseAt - warning,
    warnedAt,
    releaseAt,
    due: now >= releaseAt,
  });
}

/** A server on which no page was ever open has no last page either: `automatic` waits until its person could have come. */
function earliestEnd({ policy, agent, readyAt, leftAfterMs }: ReleaseFacts, period: number): number {
  const opened = agent?.activity.lastPageAt !== undefined && agent.activity.lastPageAt !== null;
  return policy === 'automatic' && !opened ? readyAt.getTime() + leftAfterMs + period : 0;
}

function presenceOf({ agent, lastInputAt, readyAt, leftAfterMs }: ReleaseFacts, now: number): Presence {
  const activity = agent?.activity;
  const inputs = [lastInputAt?.getTime(), timeOf(activity?.lastInputAt, now)].filter((time) => time !== undefined);
  const lastInput = inputs.length === 0 ? undefined : Math.max(...inputs);
  const pagesOpen = agent?.fresh === true ? agent.activity.pagesOpen : undefined;
  const ready = readyAt.getTime();
  const untouchedAt = Math.max(lastInput ?? 0, ready) + leftAfterMs;
  const pageEnd = (pagesOpen ?? 0) > 0 ? now : (timeOf(activity?.lastPageAt, now) ?? 0);
  return {
    lastInput,
    pagesOpen,
    isPresent: (pagesOpen ?? 0) > 0 && now < untouchedAt,
    goneAt: Math.max(ready, lastInput ?? 0, Math.min(pageEnd, untouchedAt)),
  };
}

/** What keeps the server; undefined when nothing does. */
function keptBecause({ agent, saving }: ReleaseFacts, { isPresent, lastInput }: Presence): AliveCode | undefined {
  if (saving) return 'saving';
  if (agent?.fresh !== true) return 'unknown';
  const { busy, busyCode } = agent.activity;
  // An agent that says no code is an old one: of all it looked at, kernels come first.
  if (busy === true) return busyCode ?? 'kernel-busy';
  if (isPresent) return lastInput === undefined ? 'page-open' : 'input';
  return busy === null ? 'unknown' : undefined;
}

/** Until when it was surely busy: an agent that does not remember may have been so until this hub asked. */
function busyUntil({ agent }: ReleaseFacts): number {
  if (agent === undefined) return 0;
  return tellsPast(agent) ? (timeOf(agent.activity.lastBusyAt, Infinity) ?? 0) : agent.since.getTime();
}

function tellsPast({ activity }: AgentWord): boolean {
  return activity.lastBusyAt !== undefined;
}

interface Outcome {
  because: ReleaseState['because'];
  leftAt: Date | null;
  warnAt?: number | undefined;
  warnedAt?: number | undefined;
  releaseAt?: number;
  due?: boolean;
}

function verdict(facts: ReleaseFacts, { lastInput, pagesOpen }: Presence, outcome: Outcome): ReleaseVerdict {
  const { because: why, leftAt, warnAt, warnedAt, releaseAt, due = false } = outcome;
  return {
    state: {
      policy: facts.policy,
      because: why,
      lastInputAt: iso(lastInput),
      pagesOpen: pagesOpen ?? null,
      leftAt: leftAt?.toISOString() ?? null,
      keepUntil: facts.keepUntil?.toISOString() ?? null,
      warnAt: iso(warnAt),
      releaseAt: iso(releaseAt),
    },
    leftAt,
    warnedAt: warnedAt === undefined ? null : new Date(warnedAt),
    due,
  };
}

function because(code: AliveCode, { keepUntil }: ReleaseFacts): ReleaseState['because'] {
  const params: Reason['params'] = code === 'keep' && keepUntil !== null ? { until: keepUntil.toISOString() } : {};
  return { code, message: SENTENCES[code], params };
}

const SENTENCES: Record<AliveCode, string> = {
  manual: 'It runs until somebody releases it.',
  input: 'Somebody is working in it.',
  'page-open': 'A page of it is open.',
  'kernel-busy': 'A notebook is running a cell.',
  'terminal-output': 'A program writes to a terminal.',
  'cpu-busy': 'Programs are computing.',
  'gpu-busy': 'A GPU is computing.',
  keep: 'Somebody asked to keep it for some hours.',
  unknown: 'It is not known whether it is in use, so it is kept.',
  leaving: 'Nobody is there and nothing is running.',
  saving: 'An image is being saved from it.',
};

/** A moment that an agent tells; nothing it tells is later than `latest`. */
function timeOf(text: string | null | undefined, latest: number): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : Math.min(time, latest);
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
