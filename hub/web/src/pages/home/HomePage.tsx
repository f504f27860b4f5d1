import { listServers } from '@davit/contract';
import { Button, EmptyState } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { usePages } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { JobList } from '../../lib/images/jobs.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useNow } from '../../lib/now.ts';
import { useTitle } from '../../lib/title.ts';
import { QuotaPanel } from './QuotaPanel.tsx';
import { ServerRow } from './ServerRow.tsx';
import { StartDialog } from './StartDialog.tsx';
import { WeekPanel } from './WeekPanel.tsx';

/** My servers, live, and what is left of my quota. */
export function HomePage(): ReactElement {
  const { home } = useTexts();
  const [starting, setStarting] = useState(false);
  const servers = usePages('server', ['own'], (cursor, signal) => api(listServers, { query: { cursor } }, { signal }));
  const now = useNow();
  const { items } = servers;
  useTitle(home.title);

  const startButton = (
    <Button variant="primary" icon="plus" onPress={() => setStarting(true)}>
      {home.start}
    </Button>
  );

  return (
    <>
      <section className="panel" aria-labelledby="servers-title">
        <header className="panel-head">
          <h1 id="servers-title">{home.title}</h1>
          {items !== undefined && items.length > 0 && startButton}
        </header>
        <JobList now={now} />
        <ListState
          list={servers}
          failed={home.failed}
          empty={
            <EmptyState icon="server" title={home.empty} action={startButton}>
              {home.emptyText}
            </EmptyState>
          }
        >
          {(shown) => (
            <ul className="servers">
              {shown.map((server) => (
                <ServerRow key={server.id} server={server} />
              ))}
            </ul>
          )}
        </ListState>
      </section>
      <div className="home-panels">
        <QuotaPanel />
        <WeekPanel />
      </div>
      {starting && <StartDialog taken={(items ?? []).map(({ name }) => name)} onClose={() => setStarting(false)} />}
    </>
  );
}
