import type { UsageTotals } from '@davit/contract';

/** What was used of one kind: wall time, or the same integrated over cores, GiB or cards. */
export type UsageMetric = 'minutes' | 'cpu' | 'memory' | 'gpu';
export type UsageAmounts = Omit<UsageTotals, 'since'>;

export const USAGE_METRICS: readonly UsageMetric[] = ['minutes', 'cpu', 'memory', 'gpu'];

const KEYS = {
  minutes: 'minutes',
  cpu: 'cpuCoreMinutes',
  memory: 'memoryGbMinutes',
  gpu: 'gpuCardMinutes',
} as const satisfies Record<UsageMetric, keyof UsageAmounts>;

/** Hours, core-hours, GiB-hours or card-hours. */
export function hoursOf(amounts: UsageAmounts, metric: UsageMetric): number {
  return amounts[KEYS[metric]] / 60;
}

/** Minutes, core-minutes, GiB-minutes or card-minutes, in full. */
export function minutesOf(amounts: UsageAmounts, metric: UsageMetric): number {
  return amounts[KEYS[metric]];
}

/** Hours with one decimal below a hundred; what is more than nothing never shows as nothing. */
export function formatHours(hours: number, locale: string): string {
  const digits = hours >= 100 ? 0 : 1;
  if (hours > 0 && hours < 0.05) return `< ${(0.1).toLocaleString(locale)}`;
  return hours.toLocaleString(locale, { maximumFractionDigits: digits });
}

/** Cards are what is scarce: where any was used the bars show them first. */
export function firstMetric(days: readonly UsageAmounts[]): UsageMetric {
  return days.some((day) => day.gpuCardMinutes > 0) ? 'gpu' : 'minutes';
}

/** The metrics worth a choice: without any card in use there is nothing to show of cards. */
export function shownMetrics(days: readonly UsageAmounts[]): readonly UsageMetric[] {
  return days.some((day) => day.gpuCardMinutes > 0) ? USAGE_METRICS : USAGE_METRICS.filter((one) => one !== 'gpu');
}

/** A calendar day, which belongs to no zone any more, in the reader's way of writing it. */
export function formatDay(day: string, locale: string, style: 'short' | 'full' = 'short'): string {
  const words: Intl.DateTimeFormatOptions =
    style === 'short' ? { month: 'numeric', day: 'numeric' } : { dateStyle: 'medium' };
  return new Intl.DateTimeFormat(locale, { ...words, timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}

/** One line of a course, in a box of that size: `undefined` where there is a gap. */
export interface Course {
  /** Parts that are lines, as an SVG path. */
  line: string;
  /** The same parts closed down to the ground. */
  area: string;
}

/**
 * The path of measurements over time. `from` and `to` are the moments at the left and right edge, `max` the value at the top;
 * what was not measured is a gap.
 */
export function coursePath(
  points: readonly { at: number; value: number | null }[],
  { from, to, max, width, height }: { from: number; to: number; max: number; width: number; height: number },
): Course {
  const parts: string[][] = [[]];
  for (const { at, value } of points) {
    if (value === null) parts.push([]);
    else if (at >= from) {
      const share = max <= 0 ? 0 : Math.min(1, value / max);
      parts.at(-1)?.push(`${round(((at - from) / (to - from)) * width)} ${round(height - share * height)}`);
    }
  }
  const lines = parts.filter((part) => part.length > 1);
  return {
    line: lines.map((part) => `M${part.join('L')}`).join(''),
    area: lines.map((part) => `M${xOf(part[0])} ${height}L${part.join('L')}L${xOf(part.at(-1))} ${height}Z`).join(''),
  };
}

function xOf(point: string | undefined): string {
  return point?.split(' ')[0] ?? '0';
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
