import { listUsage, type UsageRow } from '@davit/contract';
import { Button, EmptyState, Select, Skeleton, UsageChart, UsageTable } from '@davit/ui';
import type { ReactElement, ReactNode } from 'react';
import { api } from '../api/client.ts';
import { usePages } from '../api/queries.ts';
import { useTexts } from '../i18n/language.tsx';
import { Failure } from './failure.tsx';
import { GroupFilter } from './GroupFilter.tsx';
import { ListState } from './ListState.tsx';
import { useNow } from './now.ts';
import { useRange, useUsageDays, useUsageTexts } from './usage.ts';
import { UsageTools } from './UsageTools.tsx';
import { timeZone } from './usageRange.ts';
import { useFilter } from './useFilter.ts';

/** Usage of all whom one may see: everybody's for an admin, the members' for a teacher; by person or server. */
export function AllUsage({ title, tools }: { title: string; tools?: ReactNode }): ReactElement {
  const { usage: words } = useTexts();
  const view = useUsageTexts();
  const range = useRange();
  const [owner, setOwner] = useFilter('person');
  const [by, setBy] = useFilter('by');
  const [groupId, setGroup] = useFilter('group');
  const [now, person] = [useNow(), owner === '' ? undefined : owner];
  const grouping = by === 'server' || person !== undefined ? 'server' : 'user';
  // A person is looked at as a whole; the group waits in the address for the way back.
  const group = groupId === '' || person !== undefined ? undefined : groupId;
  const asked = { scope: 'all' as const, owner: person, group, from: range.from, to: range.to, timeZone: timeZone() };
  const days = useUsageDays(asked);
  const rows = usePages('usage', [grouping, asked], (cursor, signal) =>
    api(listUsage, { query: { ...asked, by: grouping, cursor } }, { signal }),
  );
  const name = rows.items?.find((row) => row.userId === person)?.userName ?? person;
  return (
    <section className="panel" aria-labelledby="all-usage-title">
      <header className="panel-head">
        <h2 id="all-usage-title">{person === undefined ? title : words.of(name ?? '')}</h2>
        <div className="tools">
          {tools}
          {person === undefined && <GroupFilter value={groupId} onChange={setGroup} />}
          <UsageTools range={range} file={{ scope: 'all', owner: person, group }} />
        </div>
      </header>
      <div className="panel-body">
        <Days days={days} />
      </div>
      <div className="tools panel-tools">
        {person !== undefined && (
          <Button icon="close" onPress={() => setOwner('')}>
            {words.everybody}
          </Button>
        )}
        {person === undefined && (
          <Select
            label={words.by}
            hideLabel
            value={grouping}
            options={[
              { id: 'user', text: words.byPerson },
              { id: 'server', text: words.byServer },
            ]}
            onChange={(id) => setBy(id === 'user' ? '' : id)}
          />
        )}
      </div>
      <ListState
        list={rows}
        failed={words.failed}
        empty={
          <EmptyState icon="chart" title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      >
        {(items) => (
          <UsageTable
            {...view}
            label={grouping === 'user' ? words.byPerson : words.byServer}
            rows={items}
            keys={keysOf(grouping, person)}
            now={now}
            user={(row) => <PersonLink row={row} onFollow={setOwner} />}
          />
        )}
      </ListState>
    </section>
  );
}

/** The bars of each day, or why there are none. */
function Days({ days }: { days: ReturnType<typeof useUsageDays> }): ReactElement {
  const { usage: words } = useTexts();
  const view = useUsageTexts();
  return (
    <>
      {days.data === undefined && days.error === null && <Skeleton rows={1} height={220} />}
      {days.error !== null && <Failure title={words.failed} error={days.error} onRetry={() => void days.refetch()} />}
      {days.data !== undefined && <UsageChart {...view} days={days.data} />}
    </>
  );
}

function keysOf(grouping: 'user' | 'server', person: string | undefined): ('user' | 'server')[] {
  if (grouping === 'user') return ['user'];
  return person === undefined ? ['server', 'user'] : ['server'];
}

/** Leads to the servers of that person. */
function PersonLink({ row, onFollow }: { row: UsageRow; onFollow: (userId: string) => void }): ReactElement {
  const { texts } = useUsageTexts();
  const id = row.userId ?? '';
  return (
    <button type="button" className="link-button" onClick={() => onFollow(id)}>
      {row.userName ?? texts.unknown(id)}
    </button>
  );
}
