import type { UsageRow, UsageSummary, UsageTotals } from '@davit/contract';
import type { Language } from '../i18n/language.ts';
import { exactTime, hours, span, sparkline } from './format.ts';
import type { Row } from './row.ts';

type Amounts = Omit<UsageTotals, 'since'>;

/** The rows of *Usage*: today, the last 30 days with a line of bars, and each server. */
export function usageRows(summary: UsageSummary, byServer: readonly UsageRow[] | undefined, language: Language): Row[] {
  const { texts } = language;
  const days = summary.days.map((day) => (summary.range.gpuCardMinutes > 0 ? day.gpuCardMinutes : day.minutes));
  const pairs = inPairs(days);
  const bars = sparkline(pairs, Math.max(...pairs, 1), pairs.length);
  return [
    amountsRow('today', texts.usage.today, summary.today, 'calendar', language),
    {
      ...amountsRow('range', texts.usage.range, summary.range, 'graph', language),
      children: [
        { id: 'days', label: bars, tooltip: [texts.usage.details], command: 'davit.showUsage' },
        ...amountRows(summary.range, language),
      ],
    },
    {
      id: 'servers',
      label: texts.usage.byServer,
      icon: { name: 'server' },
      ...(byServer === undefined || byServer.length === 0
        ? { description: texts.usage.none }
        : { children: byServer.map((row) => serverRow(row, language)) }),
    },
  ];
}

/** The one figure that matters most: GPU hours where there are any, else the time that servers ran. */
export function leadText(amounts: Amounts, language: Language): string {
  const { usage } = language.texts;
  if (amounts.minutes === 0) return usage.none;
  if (amounts.gpuCardMinutes > 0) return usage.gpu(hours(amounts.gpuCardMinutes));
  return usage.minutes(span(amounts.minutes * 60_000, language));
}

/** The figure that matters most, and the time that servers ran. */
function headline(amounts: Amounts, language: Language): string {
  const lead = leadText(amounts, language);
  if (amounts.gpuCardMinutes === 0) return lead;
  return `${lead} · ${language.texts.usage.minutes(span(amounts.minutes * 60_000, language))}`;
}

/** Two days in one bar: thirty bars are wider than the panel. */
function inPairs(days: readonly number[]): number[] {
  const pairs: number[] = [];
  for (let index = 0; index < days.length; index += 2) pairs.push((days[index] ?? 0) + (days[index + 1] ?? 0));
  return pairs;
}

function amountsRow(id: string, label: string, amounts: Amounts, icon: string, language: Language): Row {
  return {
    id,
    label,
    icon: { name: icon },
    description: headline(amounts, language),
    tooltip: [label, ...amountTexts(amounts, language)],
  };
}

function amountTexts(
  { minutes, cpuCoreMinutes, memoryGbMinutes, gpuCardMinutes }: Amounts,
  language: Language,
): string[] {
  const { usage } = language.texts;
  return [
    usage.minutes(span(minutes * 60_000, language)),
    usage.cpu(hours(cpuCoreMinutes)),
    usage.memory(hours(memoryGbMinutes)),
    ...(gpuCardMinutes > 0 ? [usage.gpu(hours(gpuCardMinutes))] : []),
  ];
}

function amountRows(amounts: Amounts, language: Language): Row[] {
  return amountTexts(amounts, language)
    .slice(1)
    .map((label, index) => ({ id: `amount:${index}`, label }));
}

function serverRow(row: UsageRow, language: Language): Row {
  const { texts } = language;
  const name = row.serverName ?? row.serverId ?? '';
  return {
    id: `server:${row.serverId ?? ''}`,
    label: name,
    description: headline(row, language) + (row.serverDeleted ? ` · ${texts.usage.deleted}` : ''),
    tooltip: [
      name,
      ...amountTexts(row, language),
      ...(row.since === null ? [] : [texts.usage.since(exactTime(row.since, language))]),
    ],
    icon: { name: row.serverDeleted ? 'trash' : 'vm' },
  };
}
