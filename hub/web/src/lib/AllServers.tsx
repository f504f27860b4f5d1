import { listServers, serverPhaseSchema, stopServer, type Server } from '@davit/contract';
import { Button, EmptyState, SearchField, Select, workIn } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { api } from '../api/client.ts';
import { usePages } from '../api/queries.ts';
import { useReleaseTexts, useTexts } from '../i18n/language.tsx';
import { BulkBar, BulkDialog, useTicked } from './bulk.tsx';
import { Consequences } from './ConfirmDialog.tsx';
import { ConfirmServer, type ServerDeed } from './ConfirmServer.tsx';
import { ListState } from './ListState.tsx';
import { LogsDialog } from './LogsDialog.tsx';
import { actionsOf } from './server.tsx';
import { useFilter, useTypedFilter } from './useFilter.ts';
import { AllServersTable } from './AllServersTable.tsx';

/** `awaiting-approval` is reserved: no server is in it yet, so it is no filter. */
const PHASES = serverPhaseSchema.options.filter((phase) => phase !== 'awaiting-approval');

/** The servers of all people whom one may look after: everybody's for an admin, the members' for a teacher. */
export function AllServers({ title }: { title: string }): ReactElement {
  const { allServers: words, server: serverWords } = useTexts();
  const releaseTexts = useReleaseTexts();
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
  const { ticked, selection, clear } = useTicked(servers.items ?? [], ({ id }) => id);
  const running = ticked.filter((server) => actionsOf(server.phase).stop || actionsOf(server.phase).cancel);
  const busy = running.flatMap(({ name, ownerName, release }) => {
    const work = workIn(release, releaseTexts);
    return work === undefined ? [] : [words.goesOn(words.nameOf(name, ownerName), work)];
  });
  const [stopping, setStopping] = useState(false);
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
      <BulkBar count={ticked.length} onClear={clear}>
        <Button icon="stop" disabled={running.length === 0} onPress={() => setStopping(true)}>
          {words.stop}
        </Button>
      </BulkBar>
      <ListState
        list={servers}
        failed={words.failed}
        empty={
          <EmptyState icon="server" title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      >
        {(items) => (
          <AllServersTable
            servers={items}
            isComplete={!servers.hasNextPage}
            selection={selection(({ name, ownerName }) => words.nameOf(name, ownerName))}
            onChoose={(server, deed) => setOpen({ server, deed })}
          />
        )}
      </ListState>
      {stopping && (
        <BulkDialog
          title={words.stopMany(running.length)}
          submit={words.stopManySubmit}
          danger
          rows={running}
          nameOf={({ name, ownerName }) => words.nameOf(name, ownerName)}
          act={({ id }) => api(stopServer, { params: { id } })}
          changes="server"
          onClose={() => setStopping(false)}
        >
          {busy.length > 0 && <Consequences title={words.goingOn} lines={busy} />}
          <Consequences title={serverWords.lost} lines={[serverWords.lostProcesses, serverWords.lostFiles]} />
          <Consequences title={serverWords.stays} lines={[serverWords.staysFiles]} />
        </BulkDialog>
      )}
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
