import type { UsageRow, UsageSummary, UsageTotals } from '@davit/contract';
import type { ReactElement, ReactNode } from 'react';
import { Notice } from '../Notice.tsx';
import { Skeleton } from '../Status.tsx';
import { firstMetric, formatHours, hoursOf, shownMetrics, type UsageMetric } from './figures.ts';
import { UsageChart } from './UsageChart.tsx';
import { UsageLines } from './UsageLines.tsx';
import { UsageTable } from './UsageTable.tsx';
import type { UsageTexts } from './usageTexts.ts';

export interface UsageSummaryViewProps {
  texts: UsageTexts;
  locale: string;
  /** Undefined while it is on its way. */
  summary: UsageSummary | undefined;
  /** Rows by server of the same range; undefined while they are on their way, left out where they are not wanted. */
  servers?: readonly UsageRow[] | undefined;
  withServers?: boolean;
  /** In a narrow panel: the servers used most as lines below each other instead of a table. */
  narrow?: boolean;
  /** The present moment in ms; the table says since when only with it. */
  now?: number;
  /** Why it could not be loaded. */
  failure?: ReactNode;
}

/** What one has used: today, the range, each day of it, and each server. */
export function UsageSummaryView(props: UsageSummaryViewProps): ReactElement {
  const { texts, locale, summary, failure } = props;
  if (summary === undefined && failure !== undefined) return <Notice tone="danger">{failure}</Notice>;
  if (summary === undefined) return <Skeleton rows={3} height={60} />;
  const { today, range, days } = summary;
  return (
    <div className="davit-usage">
      <div className="davit-usage-totals">
        <Totals texts={texts} locale={locale} title={texts.today} totals={today} of={[range]} />
        <Totals texts={texts} locale={locale} title={texts.range(days.length)} totals={range} of={[range]} />
      </div>
      <UsageChart texts={texts} locale={locale} days={days} />
      {props.withServers === true && <Servers {...props} />}
    </div>
  );
}

interface TotalsProps {
  texts: UsageTexts;
  locale: string;
  title: string;
  totals: UsageTotals;
  /** What decides which figures are worth showing, so that both boxes show the same. */
  of: readonly UsageTotals[];
}

/** The figure that matters most large, the others below it. */
function Totals({ texts, locale, title, totals, of }: TotalsProps): ReactElement {
  const first = firstMetric(of);
  const text = (metric: UsageMetric): string => texts.amount[metric](formatHours(hoursOf(totals, metric), locale));
  return (
    <section className="davit-usage-total" aria-label={title}>
      <h3>{title}</h3>
      <p className="davit-usage-main">{text(first)}</p>
      <p className="davit-muted">
        {shownMetrics(of)
          .filter((metric) => metric !== first)
          .map(text)
          .join(' · ')}
      </p>
    </section>
  );
}

function Servers(props: UsageSummaryViewProps): ReactElement {
  const { texts, locale, servers, now, narrow = false } = props;
  return (
    <section className="davit-usage-servers" aria-label={texts.byServer}>
      <h3>{texts.byServer}</h3>
      {servers === undefined && <Skeleton rows={2} height={32} />}
      {servers?.length === 0 && <p className="davit-muted">{texts.noServers}</p>}
      {servers !== undefined && servers.length > 0 && narrow && <UsageLines {...props} rows={servers} />}
      {servers !== undefined && servers.length > 0 && !narrow && (
        <UsageTable
          texts={texts}
          locale={locale}
          label={texts.byServer}
          rows={servers}
          keys={['server']}
          {...(now === undefined ? {} : { now })}
        />
      )}
    </section>
  );
}
