import { startServer, stopServer, type Server } from '@davit/contract';
import { Button, copyText, MenuButton, type MenuEntry } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useReleaseTexts, useTexts } from '../../i18n/language.tsx';
import { useNotify, useNotifyError } from '../../lib/notices.tsx';
import { actionsOf } from '../../lib/server.tsx';
import { useOpen } from '../../lib/useOpen.tsx';
import { ConfirmServer, type ServerDeed } from '../../lib/ConfirmServer.tsx';
import { PolicyDialog, ReleaseDialog } from '../../lib/ReleaseDialogs.tsx';
import { SaveDialog } from '../../lib/images/SaveDialog.tsx';
import { LogsDialog } from '../../lib/LogsDialog.tsx';
import { OpenButton } from './OpenButton.tsx';

type RowDialog = Exclude<ServerDeed, 'stop'> | 'logs' | 'release' | 'policy' | 'save';

/** The buttons of a server's row: the one that fits its phase, and the menu with the rest. */
export function ServerActions({ server }: { server: Server }): ReactElement {
  const { server: words } = useTexts();
  const [dialog, setDialog] = useState<RowDialog>();
  const close = (): void => setDialog(undefined);
  const notifyError = useNotifyError();
  const start = useAct(startServer, 'server');
  const cancel = useAct(stopServer, 'server');
  const can = actionsOf(server.phase);
  const call = { params: { id: server.id } };

  return (
    <div className="server-actions">
      {can.open && server.editors.length > 0 && <OpenButton server={server} />}
      {can.start && (
        <Button
          icon="play"
          label={words.startOf(server.name)}
          pending={start.isPending}
          onPress={() => start.mutate(call, { onError: notifyError })}
        >
          {server.phase === 'failed' ? words.startAgain : words.start}
        </Button>
      )}
      {can.cancel && (
        <Button
          label={words.cancelOf(server.name)}
          pending={cancel.isPending}
          onPress={() => cancel.mutate(call, { onError: notifyError })}
        >
          {words.cancel}
        </Button>
      )}
      <ServerMenu server={server} onChoose={setDialog} />
      {dialog === 'logs' && <LogsDialog server={server} onClose={close} />}
      {dialog === 'release' && <ReleaseDialog server={server} onClose={close} />}
      {dialog === 'save' && <SaveDialog server={server} onClose={close} />}
      {dialog === 'policy' && <PolicyDialog server={server} onClose={close} />}
      {(dialog === 'reset' || dialog === 'delete') && <ConfirmServer server={server} deed={dialog} onClose={close} />}
    </div>
  );
}

function ServerMenu(props: { server: Server; onChoose: (dialog: RowDialog) => void }): ReactElement {
  const { server, onChoose } = props;
  const { server: words, common } = useTexts();
  const release = useReleaseTexts();
  const notify = useNotify();
  const { open } = useOpen(server);
  const can = actionsOf(server.phase);
  const stoppable: MenuEntry[] = [
    { id: 'release', text: release.release, icon: 'stop', onAction: () => onChoose('release') },
    { id: 'reset', text: words.reset, icon: 'reset', onAction: () => onChoose('reset') },
  ];
  const ports = (can.open ? (server.ports ?? []) : []).map(({ port, program }): MenuEntry => {
    const entry = {
      id: `port:${port}`,
      text: words.openPort(port),
      icon: 'external',
      onAction: () => open(port),
    } as const;
    return program === null ? entry : { ...entry, hint: program };
  });
  const entries: MenuEntry[] = [
    ...ports,
    ...(server.phase === 'running'
      ? [{ id: 'save', text: words.save, icon: 'box', onAction: () => onChoose('save') } as const]
      : []),
    ...(can.stop ? stoppable : []),
    { id: 'policy', text: words.policy, icon: 'sliders', onAction: () => onChoose('policy') },
    { id: 'logs', text: words.logs, icon: 'logs', onAction: () => onChoose('logs') },
    {
      id: 'copy',
      text: words.copyId,
      icon: 'copy',
      onAction: () => {
        void copyText(server.id).then((done) => {
          if (done) notify('success', common.copied);
        });
      },
    },
    {
      id: 'delete',
      text: words.delete,
      icon: 'trash',
      danger: true,
      disabled: server.phase === 'deleting',
      onAction: () => onChoose('delete'),
    },
  ];
  return <MenuButton label={common.moreFor(server.name)} icon="more" iconOnly entries={entries} />;
}
