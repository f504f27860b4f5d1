import type { Server } from '@davit/contract';
import { DataTable, MenuButton, SERVER_STATUS, StatusDot, type MenuEntry, type Selection } from '@davit/ui';
import type { ReactElement } from 'react';
import { useLanguage, useTexts } from '../i18n/language.tsx';
import type { ServerDeed } from './ConfirmServer.tsx';
import { actionsOf, sizeText, whyText } from './server.tsx';
import { useSignedIn } from '../shell/SignedIn.tsx';
import { useSpan } from './time.tsx';
import { useMinutesOf } from './usage.ts';

export interface AllServersTableProps {
  servers: readonly Server[];
  /** All of them are there, so that they can be sorted. */
  isComplete: boolean;
  selection: Selection<Server>;
  onChoose: (server: Server, deed: ServerDeed | 'logs') => void;
}

/** Servers with their owners. */
export function AllServersTable({ servers, isComplete, selection, onChoose }: AllServersTableProps): ReactElement {
  const texts = useTexts();
  const { allServers: words, common } = texts;
  const span = useSpan();
  const { locale } = useLanguage();
  const minutes = useMinutesOf(servers.map(({ id }) => id));
  return (
    <DataTable
      label={texts.admin.servers}
      rows={servers}
      rowKey={({ id }) => id}
      sorting={isComplete ? 'here' : undefined}
      selection={selection}
      columns={[
        { id: 'name', title: common.name, main: true, sortBy: ({ name }) => name, cell: ({ name }) => name },
        { id: 'owner', title: words.owner, sortBy: ({ ownerName }) => ownerName, cell: ({ ownerName }) => ownerName },
        { id: 'image', title: words.image, sortBy: ({ imageName }) => imageName, cell: ({ imageName }) => imageName },
        { id: 'size', title: words.size, cell: ({ resources }) => sizeText(resources, texts) },
        {
          id: 'state',
          title: words.state,
          sortBy: ({ phase }) => texts.server.phases[phase],
          cell: (server) => <ServerState server={server} />,
        },
        {
          id: 'started',
          title: words.started,
          align: 'end',
          sortBy: ({ phase, startedAt }) => (phase === 'running' && startedAt !== null ? -Date.parse(startedAt) : 1),
          cell: ({ phase, startedAt }) => (phase === 'running' && startedAt !== null ? span(startedAt) : '—'),
        },
        {
          id: 'minutes',
          title: words.minutes,
          align: 'end',
          sortBy: ({ id }) => minutes?.get(id) ?? 0,
          cell: ({ id }) => (minutes === undefined ? '' : Math.floor(minutes.get(id) ?? 0).toLocaleString(locale)),
        },
        {
          id: 'actions',
          title: common.more,
          actions: true,
          cell: (server) => <RowMenu server={server} onChoose={(deed) => onChoose(server, deed)} />,
        },
      ]}
    />
  );
}

function ServerState({ server }: { server: Server }): ReactElement {
  const texts = useTexts();
  const phase = texts.server.phases[server.phase];
  return (
    <span className="state" title={whyText(server, texts)}>
      <StatusDot kind={SERVER_STATUS[server.phase]} label={phase} />
      {phase}
    </span>
  );
}

function RowMenu({
  server,
  onChoose,
}: {
  server: Server;
  onChoose: (deed: ServerDeed | 'logs') => void;
}): ReactElement {
  const { allServers: words, server: serverWords, common } = useTexts();
  const can = actionsOf(server.phase);
  const { user } = useSignedIn();
  // A teacher sees and stops the members' servers; the rest is for their owners and admins.
  const all = user.role === 'admin' || user.id === server.ownerId;
  const stop: MenuEntry = {
    id: 'stop',
    text: words.stop,
    icon: 'stop',
    disabled: !can.stop && !can.cancel,
    onAction: () => onChoose('stop'),
  };
  const others: MenuEntry[] = [
    { id: 'logs', text: serverWords.logs, icon: 'logs', onAction: () => onChoose('logs') },
    {
      id: 'delete',
      text: serverWords.delete,
      icon: 'trash',
      danger: true,
      disabled: server.phase === 'deleting',
      onAction: () => onChoose('delete'),
    },
  ];
  const entries = all ? [stop, ...others] : [stop];
  return <MenuButton label={common.moreFor(server.name)} icon="more" iconOnly variant="quiet" entries={entries} />;
}
