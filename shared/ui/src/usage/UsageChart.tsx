import type { UsageSummary } from '@davit/contract';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import type { BarChart } from './barChart.ts';
import { firstMetric, formatDay, formatHours, hoursOf, shownMetrics, type UsageMetric } from './figures.ts';
import type { UsageTexts } from './usageTexts.ts';

export type UsageDay = UsageSummary['days'][number];

export interface UsageChartProps {
  texts: UsageTexts;
  locale: string;
  /** Each day of the range, zeros included. */
  days: readonly UsageDay[];
  /** Pixels. */
  height?: number;
}

/** Usage per day as bars, with a choice of what they show and the same as a table for whoever cannot see them. */
export function UsageChart({ texts, locale, days, height = 180 }: UsageChartProps): ReactElement {
  const [chosen, setChosen] = useState<UsageMetric>();
  const [hovered, setHovered] = useState<number>();
  const metrics = shownMetrics(days);
  const metric = chosen !== undefined && metrics.includes(chosen) ? chosen : firstMetric(days);
  const day = hovered === undefined ? undefined : days[hovered];
  if (days.every((one) => one.minutes === 0)) return <p className="davit-usage-nothing davit-muted">{texts.none}</p>;
  return (
    <figure className="davit-usage-chart">
      <div className="davit-usage-chart-head">
        <MetricChoice texts={texts} metrics={metrics} metric={metric} onChange={setChosen} />
        <span className="davit-usage-readout" aria-hidden="true">
          {day === undefined ? sumText(days, metric, texts, locale) : dayText(day, metric, texts, locale)}
        </span>
      </div>
      <div className="davit-usage-plot" style={{ minHeight: height }}>
        <Plot days={days} metric={metric} locale={locale} height={height} onHover={setHovered} />
      </div>
      <details className="davit-usage-details">
        <summary>{texts.asTable}</summary>
        <DayTable texts={texts} locale={locale} days={days} metrics={metrics} />
      </details>
    </figure>
  );
}

function sumText(days: readonly UsageDay[], metric: UsageMetric, texts: UsageTexts, locale: string): string {
  const hours = days.reduce((sum, day) => sum + hoursOf(day, metric), 0);
  return texts.amount[metric](formatHours(hours, locale));
}

function dayText(day: UsageDay, metric: UsageMetric, texts: UsageTexts, locale: string): string {
  return `${formatDay(day.day, locale, 'full')} · ${texts.amount[metric](formatHours(hoursOf(day, metric), locale))}`;
}

interface MetricChoiceProps {
  texts: UsageTexts;
  metrics: readonly UsageMetric[];
  metric: UsageMetric;
  onChange: (metric: UsageMetric) => void;
}

function MetricChoice({ texts, metrics, metric, onChange }: MetricChoiceProps): ReactElement {
  return (
    <RadioGroup
      className="davit-segments"
      orientation="horizontal"
      value={metric}
      onChange={(id) => onChange(metrics.find((one) => one === id) ?? metric)}
    >
      <Label className="davit-hidden">{texts.metric}</Label>
      {metrics.map((id) => (
        <RadioField key={id} value={id}>
          <RadioButton className="davit-segment">{texts.metrics[id]}</RadioButton>
        </RadioField>
      ))}
    </RadioGroup>
  );
}

interface PlotProps {
  days: readonly UsageDay[];
  metric: UsageMetric;
  locale: string;
  height: number;
  onHover: (index: number | undefined) => void;
}

/** The drawing itself says nothing to a screen reader; the table below it does. */
function Plot({ days, metric, locale, height, onHover }: PlotProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<BarChart>();
  useEffect(() => {
    let made: BarChart | undefined;
    let gone = false;
    // Apart from the rest: most pages draw no chart, and none has to wait for the means to draw one.
    void import('./barChart.ts').then(({ createBarChart }) => {
      if (gone || host.current === null) return;
      made = createBarChart(host.current, { height, format: (value) => formatTick(value, locale), onHover });
      setChart(made);
    });
    return () => {
      gone = true;
      made?.dispose();
    };
  }, [height, locale, onHover]);
  useEffect(() => {
    chart?.show({
      labels: days.map(({ day }) => formatDay(day, locale)),
      values: days.map((day) => hoursOf(day, metric)),
    });
  }, [chart, days, metric, locale]);
  return <div ref={host} aria-hidden="true" />;
}

/** The axis counts in round steps, which for little use are parts of an hour. */
function formatTick(value: number, locale: string): string {
  return value.toLocaleString(locale, { maximumFractionDigits: 3 });
}

interface DayTableProps {
  texts: UsageTexts;
  locale: string;
  days: readonly UsageDay[];
  metrics: readonly UsageMetric[];
}

function DayTable({ texts, locale, days, metrics }: DayTableProps): ReactElement {
  const used = days.filter((day) => day.minutes > 0).reverse();
  return (
    <table className="davit-table davit-usage-days" aria-label={texts.byDay}>
      <thead>
        <tr>
          <th scope="col">{texts.columns.day}</th>
          {metrics.map((metric) => (
            <th key={metric} scope="col" className="davit-table-end">
              {texts.columns[metric]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {used.map((day) => (
          <tr key={day.day}>
            <th scope="row">{formatDay(day.day, locale, 'full')}</th>
            {metrics.map((metric) => (
              <td key={metric} className="davit-table-end" data-title={texts.columns[metric]}>
                {formatHours(hoursOf(day, metric), locale)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
