import { getUsageSummary, type UsageSummary } from '@davit/contract';
import { firstMetric, formatDay, formatHours, hoursOf, MiniBars, Skeleton } from '@davit/ui';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { useRoute } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { useNow } from '../../lib/now.ts';
import { USAGE_EVERY_MS, useUsageTexts } from '../../lib/usage.ts';
import { addDays, dayOf, timeZone } from '../../lib/usageRange.ts';

/** What I used during the last seven days: cards where there were any, else running time. */
export function WeekPanel(): ReactElement {
  const { home } = useTexts();
  const to = dayOf(new Date(useNow(USAGE_EVERY_MS)));
  const query = { from: addDays(to, -6), to, timeZone: timeZone() };
  const week = useRoute('usage', getUsageSummary, { query }, { refetchInterval: USAGE_EVERY_MS });
  return (
    <section className="panel" aria-labelledby="week-title">
      <header className="panel-head">
        <h2 id="week-title">{home.week}</h2>
        <Link to="/usage">{home.weekMore}</Link>
      </header>
      <div className="panel-body">
        {week.data === undefined && week.error === null && <Skeleton rows={1} height={64} />}
        {week.data === undefined && week.error !== null && (
          <Failure title={home.weekFailed} error={week.error} onRetry={() => void week.refetch()} />
        )}
        {week.data !== undefined && <Week summary={week.data} />}
      </div>
    </section>
  );
}

function Week({ summary: { range, days } }: { summary: UsageSummary }): ReactElement {
  const { texts, locale } = useUsageTexts();
  const metric = firstMetric(days);
  const amount = (hours: number): string => texts.amount[metric](formatHours(hours, locale));
  return (
    <div className="week">
      <strong>{amount(hoursOf(range, metric))}</strong>
      <MiniBars
        label={texts.chart(texts.metrics[metric])}
        bars={days.map((day) => ({
          name: formatDay(day.day, locale),
          value: hoursOf(day, metric),
          text: `${formatDay(day.day, locale, 'full')}: ${amount(hoursOf(day, metric))}`,
        }))}
      />
    </div>
  );
}
