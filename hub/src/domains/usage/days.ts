import { AppError } from '../../platform/errors.ts';

/** Parts of time: `days[i]` lasts from `edges[i]` to `edges[i + 1]`. Where all days are one part, it has no name. */
export interface Days {
  days: string[];
  edges: Date[];
}

/** What a query asks for; days as `2026-03-01`, left out: the last 30 days. */
export interface AskedRange {
  from?: string | undefined;
  to?: string | undefined;
  timeZone: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Local midnight is at most so far from midnight in UTC: zones lie between −12 and +14 hours, some were beyond. */
const FARTHEST_MS = 16 * HOUR_MS;
const DEFAULT_DAYS = 30;
/** Ten years; each day of a range costs time and is a row of an answer. */
const MOST_DAYS = 3660;
const FIRST_DAY = '1970-01-02';

/** The days that are asked for, each or as `one` part, refused with the field's name where they cannot be. */
export function daysOf(
  { from, to, timeZone }: AskedRange,
  now: Date,
  parts: 'each' | 'one' = 'each',
): Days & { today: string; first: string; last: string } {
  const dateIn = localDate(timeZone);
  const today = dateIn(now.getTime());
  const last = to ?? today;
  const first = from ?? addDays(last, 1 - DEFAULT_DAYS);
  const count = 1 + (utc(last) - utc(first)) / DAY_MS;
  if (first < FIRST_DAY) throw badField(from === undefined ? 'to' : 'from', `must not be before ${FIRST_DAY}`);
  if (count < 1) throw badField('from', 'must not be after the last day');
  if (count > MOST_DAYS) throw badField('from', `must be within ${MOST_DAYS} days of the last day`);
  const end = addDays(last, 1);
  if (parts === 'one') return { days: [''], edges: edgesOf([first, end], dateIn), today, first, last };
  const days = Array.from({ length: count }, (_, index) => addDays(first, index));
  return { days, edges: edgesOf([...days, end], dateIn), today, first, last };
}

/** Gives the calendar day of a moment in the zone; an unknown zone is a bad request. */
function localDate(timeZone: string): (at: number) => string {
  // Offsets such as +08:00 are no zones of people, and others read their sign the other way round.
  const words = /^[A-Za-z]/.test(timeZone) ? formatOf(timeZone) : undefined;
  if (words === undefined) throw badField('timeZone', 'must be the name of a time zone, such as Asia/Shanghai');
  return (at) => words.format(at);
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    // Canadian English writes dates as ISO 8601 does.
    return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  } catch {
    return undefined;
  }
}

/** The first moment of each day. Most days have 24 hours; where clocks are changed the moment is searched for. */
function edgesOf(days: readonly string[], dateIn: (at: number) => string): Date[] {
  let edge = Number.NaN;
  return days.map((day) => {
    const next = edge + DAY_MS;
    const regular = !Number.isNaN(edge) && dateIn(next) === day && dateIn(next - 1) < day;
    edge = regular ? next : firstMoment(day, dateIn);
    return new Date(edge);
  });
}

/** The first millisecond whose day is `day` or later: where clocks skip midnight, or a whole day, that of the change. */
function firstMoment(day: string, dateIn: (at: number) => string): number {
  let before = utc(day) - FARTHEST_MS;
  let from = utc(day) + FARTHEST_MS;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (dateIn(middle) < day) before = middle;
    else from = middle;
  }
  return from;
}

function addDays(day: string, count: number): string {
  return new Date(utc(day) + count * DAY_MS).toISOString().slice(0, 10);
}

function utc(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}

function badField(path: 'from' | 'to' | 'timeZone', message: string): AppError {
  return new AppError('bad-request', `The request is not valid: ${path} ${message}.`, { fields: [{ path, message }] });
}
