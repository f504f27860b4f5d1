import type { UsageRow } from '@davit/contract';
import type { ReactElement } from 'react';
import { firstMetric, formatHours, hoursOf, shownMetrics, type UsageMetric } from './figures.ts';
import { ServerName } from './UsageTable.tsx';
import type { UsageTexts } from './usageTexts.ts';

/** A panel shows so many; the whole table has all of them. */
const SHOWN = 8;

export interface UsageLinesProps {
  texts: UsageTexts;
  locale: string;
  /** One of each server, the most used first as the hub gives them. */
  rows: readonly UsageRow[];
}

/** Usage of each server where a table has no room: the name with the figure that matters most, the others below. */
export function UsageLines({ texts, locale, rows }: UsageLinesProps): ReactElement {
  const first = firstMetric(rows);
  const others = shownMetrics(rows).filter((metric) => metric !== first);
  const text = (row: UsageRow, metric: UsageMetric): string =>
    texts.amount[metric](formatHours(hoursOf(row, metric), locale));
  return (
    <>
      <ul className="davit-usage-lines" aria-label={texts.byServer}>
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.serverId}>
            <ServerName row={row} texts={texts} />
            <span className="davit-usage-amount">{text(row, first)}</span>
            <span className="davit-muted">{others.map((metric) => text(row, metric)).join(' · ')}</span>
          </li>
        ))}
      </ul>
      {rows.length > SHOWN && <p className="davit-muted">{texts.moreServers(rows.length - SHOWN)}</p>}
    </>
  );
}
