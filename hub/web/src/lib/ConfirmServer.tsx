import { deleteServer, resetServer, stopServer, type Server } from '@davit/contract';
import type { ReactElement } from 'react';
import { useAct } from '../api/queries.ts';
import type { Texts } from '../i18n/en.ts';
import { useTexts } from '../i18n/language.tsx';
import { ConfirmDialog, Consequences } from './ConfirmDialog.tsx';
import { GoingOnIn } from './GoingOnIn.tsx';

/** What ends a container. */
export type ServerDeed = 'stop' | 'reset' | 'delete';

const ROUTES = { stop: stopServer, reset: resetServer, delete: deleteServer };

export interface ConfirmServerProps {
  server: Server;
  deed: ServerDeed;
  /** Named where the server is somebody else's. */
  owner?: string;
  /** Another verb on the button. */
  submit?: string;
  onClose: () => void;
}

/** Asks before a container ends: names the server, what is lost and what stays. */
export function ConfirmServer({ server, deed, owner, submit, onClose }: ConfirmServerProps): ReactElement {
  const texts = useTexts();
  const act = useAct(ROUTES[deed], 'server');
  const words = wordsOf(deed, server.name, texts);
  return (
    <ConfirmDialog
      title={words.title}
      submit={submit ?? words.submit}
      act={act}
      onConfirm={() => act.mutate({ params: { id: server.id } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      {owner !== undefined && <p>{texts.server.ownedBy(owner)}</p>}
      {words.lead !== undefined && <p>{words.lead}</p>}
      <GoingOnIn server={server} />
      <Consequences title={texts.server.lost} lines={words.lost} />
      <Consequences title={texts.server.stays} lines={words.stays} />
    </ConfirmDialog>
  );
}

interface Words {
  title: string;
  lead?: string;
  lost: string[];
  stays: string[];
  submit: string;
}

function wordsOf(deed: ServerDeed, name: string, { server }: Texts): Words {
  const lost = [server.lostProcesses, server.lostFiles];
  switch (deed) {
    case 'stop':
      return {
        title: server.stopTitle(name),
        lost,
        stays: [server.staysFiles, server.staysServer],
        submit: server.stopSubmit,
      };
    case 'reset':
      return {
        title: server.resetTitle(name),
        lead: server.resetLead,
        lost,
        stays: [server.staysFiles],
        submit: server.resetSubmit,
      };
    case 'delete':
      return {
        title: server.deleteTitle(name),
        lost: [server.lostServer, ...lost],
        stays: [server.staysFiles, server.staysNewServer],
        submit: server.deleteSubmit,
      };
  }
}
