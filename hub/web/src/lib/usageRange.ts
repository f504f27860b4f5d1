/** Ranges that are one click away, in days up to today. */
export const PRESETS = ['7', '30', '90', '365'] as const;
export type Preset = (typeof PRESETS)[number];

/** A range of calendar days, both included, as `2026-03-01`. */
export interface Range {
  from: string;
  to: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** What the address says: own days where both are there and in order, else a preset, 30 days without any. */
export function readRange(given: { from: string; to: string; days: string }, now: Date): Range & { preset?: Preset } {
  const { from, to, days } = given;
  if (isDay(from) && isDay(to) && from <= to) return { from, to };
  const preset = PRESETS.find((one) => one === days) ?? '30';
  const today = dayOf(now);
  return { from: addDays(today, 1 - Number(preset)), to: today, preset };
}

/** Each day of the range. */
export function daysIn({ from, to }: Range): string[] {
  const count = 1 + (Date.parse(to) - Date.parse(from)) / DAY_MS;
  return Array.from({ length: count }, (_, index) => addDays(from, index));
}

/** The calendar day where the reader is. */
export function dayOf(now: Date): string {
  const [year, month, day] = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return [String(year), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
}

/** The reader's time zone, whose days count. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(text));
}
