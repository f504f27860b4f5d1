import { listServers, serverPhaseSchema, type Server } from '@davit/contract';
import { EmptyState, SearchField, Select } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { api } from '../api/client.ts';
import { usePages } from '../api/queries.ts';
import { useTexts } from '../i18n/language.tsx';
import { ConfirmServer, type ServerDeed } from './ConfirmServer.tsx';
import { ListState } from './ListState.tsx';
import { LogsDialog } from './LogsDialog.tsx';
import { useFilter, useTypedFilter } from './useFilter.ts';
import { AllServersTable } from './AllServersTable.tsx';

/** `awaiting-approval` is reserved: no server is in it yet, so it is no filter. */
const PHASES = serverPhaseSchema.options.filter((phase) => phase !== 'awaiting-approval');

/** The servers of all people whom one may look after: everybody's for an admin, the members' for a teacher. */
export function AllServers({ title }: { title: string }): ReactElement {
  const { allServers: words, server: serverWords } = useTexts();
  const search = useTypedFilter('search');
  const [phase, setPhase] = useFilter('phase');
  const [open, setOpen] = useState<{ server: Server; deed: ServerDeed | 'logs' }>();
  const query = {
    scope: 'all' as const,
    search: search.filter || undefined,
    phase: PHASES.find((one) => one === phase),
  };
  const servers = usePages('server', [query], (cursor, signal) =>
    api(listServers, { query: { ...query, cursor } }, { signal }),
  );
  const close = (): void => setOpen(undefined);
  return (
    <section className="panel" aria-labelledby="all-servers-title">
      <header className="panel-head">
        <h2 id="all-servers-title">{title}</h2>
      </header>
      <div className="tools panel-tools">
        <SearchField label={words.search} value={search.text} onChange={search.setText} main />
        <Select
          label={words.state}
          hideLabel
          value={query.phase ?? ''}
          options={[{ id: '', text: words.anyPhase }, ...PHASES.map((id) => ({ id, text: serverWords.phases[id] }))]}
          onChange={setPhase}
        />
      </div>
      <ListState
        list={servers}
        failed={words.failed}
        empty={
          <EmptyState icon="server" title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      >
        {(items) => <AllServersTable servers={items} onChoose={(server, deed) => setOpen({ server, deed })} />}
      </ListState>
      {open?.deed === 'logs' && <LogsDialog server={open.server} onClose={close} />}
      {open !== undefined && open.deed !== 'logs' && (
        <ConfirmServer
          server={open.server}
          deed={open.deed}
          owner={open.server.ownerName}
          submit={open.deed === 'stop' ? words.stopSubmit : undefined}
          onClose={close}
        />
      )}
    </section>
  );
}
