import type { UsageRow } from '@davit/contract';
import type { ReactElement, ReactNode } from 'react';
import { DataTable, type Column } from '../DataTable.tsx';
import { formatExact, formatRelative } from '../format.ts';
import { Tag } from '../Status.tsx';
import { formatDay, formatHours, hoursOf, minutesOf, shownMetrics, type UsageMetric } from './figures.ts';
import type { UsageTexts } from './usageTexts.ts';

/** Which names a row begins with. */
export type UsageKey = 'day' | 'user' | 'server';

export interface UsageTableProps {
  texts: UsageTexts;
  locale: string;
  label: string;
  rows: readonly UsageRow[];
  keys: readonly UsageKey[];
  /** The present moment in ms; without it the column that says since when is left out. */
  now?: number;
  /** What stands in the place of a person's name, as a link to that person's usage. */
  user?: (row: UsageRow) => ReactNode;
}

/** Rows of usage, the most used first as the hub gives them. Cards have a column only where any was used. */
export function UsageTable(props: UsageTableProps): ReactElement {
  const { texts, locale, label, rows, keys, now } = props;
  const columns = [
    ...keys.map((key, index) => keyColumn(key, index === 0, props)),
    ...shownMetrics(rows).map((metric) => amountColumn(metric, texts, locale)),
    ...(now === undefined ? [] : [sinceColumn(texts, locale, now)]),
  ];
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={rows}
      rowKey={(row) => `${row.day ?? ''} ${row.userId ?? ''} ${row.serverId ?? ''}`}
    />
  );
}

function keyColumn(key: UsageKey, main: boolean, props: UsageTableProps): Column<UsageRow> {
  const { texts, locale, user } = props;
  const cell: Record<UsageKey, (row: UsageRow) => ReactNode> = {
    day: ({ day }) => (day === null ? '' : formatDay(day, locale, 'full')),
    user: (row) => user?.(row) ?? userName(row, texts),
    server: (row) => <ServerName row={row} texts={texts} />,
  };
  return { id: key, title: texts.columns[key], main, cell: cell[key] };
}

/** The name of a person; one that the hub does not know any more is called by its id. */
export function userName({ userId, userName }: UsageRow, texts: UsageTexts): string {
  return userName ?? texts.unknown(userId ?? '');
}

/** The name of a server, and whether it is deleted. */
export function ServerName({ row, texts }: { row: UsageRow; texts: UsageTexts }): ReactElement {
  return (
    <span className="davit-usage-server">
      {row.serverName ?? texts.unknown(row.serverId ?? '')}
      {row.serverDeleted && <Tag>{texts.deleted}</Tag>}
    </span>
  );
}

function amountColumn(metric: UsageMetric, texts: UsageTexts, locale: string): Column<UsageRow> {
  return {
    id: metric,
    title: texts.columns[metric],
    align: 'end',
    cell: (row) => (
      <span title={texts.exact(minutesOf(row, metric).toLocaleString(locale, { maximumFractionDigits: 1 }))}>
        {formatHours(hoursOf(row, metric), locale)}
      </span>
    ),
  };
}

function sinceColumn(texts: UsageTexts, locale: string, now: number): Column<UsageRow> {
  return {
    id: 'since',
    title: texts.columns.since,
    align: 'end',
    cell: ({ since }) =>
      since === null ? (
        ''
      ) : (
        <time dateTime={since} title={formatExact(Date.parse(since), locale)}>
          {formatRelative(Date.parse(since), now, locale)}
        </time>
      ),
  };
}
