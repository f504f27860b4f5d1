/** Short names of units of time, as in `2 h 10 min`. */
export interface TimeUnits {
  day: string;
  hour: string;
  minute: string;
  second: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its two largest units: `45 s`, `2 h 10 min`, `3 d`. Negative spans count as none. */
export function formatDuration(ms: number, units: TimeUnits): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} ${units.second}`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} ${units.minute}`;
  if (span < DAY) return pair(span, HOUR, units.hour, MINUTE, units.minute);
  return pair(span, DAY, units.day, HOUR, units.hour);
}

function pair(span: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((span % large) / small);
  const head = `${Math.floor(span / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

/** `3 days ago`, `in 2 hours`, in the largest whole unit; below a minute the seconds are not counted out. */
export function formatRelative(at: number, now: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const span = at - now;
  const size = Math.abs(span);
  if (size < MINUTE) return words.format(0, 'second');
  if (size < HOUR) return words.format(Math.trunc(span / MINUTE), 'minute');
  if (size < DAY) return words.format(Math.trunc(span / HOUR), 'hour');
  if (size < 60 * DAY) return words.format(Math.trunc(span / DAY), 'day');
  return words.format(Math.trunc(span / (30 * DAY)), 'month');
}

/** Date and time in full, for the hover of a relative one. */
export function formatExact(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** MiB as GiB with at most one decimal; below 1 GiB as MiB. */
export function formatMemory(memoryMb: number): string {
  return memoryMb < 1024 ? `${memoryMb} MiB` : `${trim(memoryMb / 1024)} GiB`;
}

/** Bytes as MiB or GiB with at most one decimal. */
export function formatBytes(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib < 1024 ? `${trim(mib)} MiB` : `${trim(mib / 1024)} GiB`;
}

/** Busy cores, always with one decimal: a live figure that loses and gains one jumps, and 0.04 is not nothing. */
export function formatCores(cores: number): string {
  return cores.toFixed(1);
}

/** At most one decimal, none when it is zero. */
export function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}
