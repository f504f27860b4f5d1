import { getRelease, releaseServer, setReleasePolicy, type ReleasePolicy, type Server } from '@davit/contract';
import { ReleasePolicyChoice, Skeleton } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct, useRoute } from '../api/queries.ts';
import { useReleaseTexts, useTexts } from '../i18n/language.tsx';
import { ActDialog } from './ActDialog.tsx';
import { ConfirmDialog, Consequences } from './ConfirmDialog.tsx';
import { Failure } from './failure.tsx';
import { GoingOnIn } from './GoingOnIn.tsx';
import { useNotify } from './notices.tsx';
import { sizeText } from './server.tsx';

interface DialogProps {
  server: Server;
  onClose: () => void;
}

/** Asks before a server is released: what runs in it, what is lost, what stays, and what is freed. */
export function ReleaseDialog({ server, onClose }: DialogProps): ReactElement {
  const texts = useTexts();
  const release = useReleaseTexts();
  const notify = useNotify();
  const act = useAct(releaseServer, 'server');
  const words = texts.server;
  const confirm = (): void => {
    const onSuccess: Parameters<typeof act.mutate>[1] = {
      onSuccess: ({ resources }) => {
        notify('success', words.freed(server.name, sizeText(resources, texts)));
        onClose();
      },
    };
    act.mutate({ params: { id: server.id } }, onSuccess);
  };
  return (
    <ConfirmDialog
      title={words.releaseTitle(server.name)}
      submit={release.release}
      act={act}
      onConfirm={confirm}
      onClose={onClose}
    >
      <GoingOnIn server={server} />
      <Consequences title={words.lost} lines={[words.lostProcesses, words.lostFiles]} />
      <Consequences title={words.stays} lines={[words.staysFiles, words.staysServer]} />
      <Consequences title={words.freedTitle} lines={[sizeText(server.resources, texts)]} />
    </ConfirmDialog>
  );
}

/** When a server is to be released. */
export function PolicyDialog({ server, onClose }: DialogProps): ReactElement {
  const { server: words, common } = useTexts();
  const outlook = useRoute('server', getRelease, { params: { id: server.id } });
  const act = useAct(setReleasePolicy, 'server');
  const [chosen, setChosen] = useState<ReleasePolicy>(server.releasePolicy);
  const texts = useReleaseTexts();
  return (
    <ActDialog
      title={words.policyTitle(server.name)}
      size="small"
      submit={common.save}
      act={act}
      disabled={outlook.data === undefined}
      onClose={onClose}
      onSubmit={() => act.mutate({ params: { id: server.id }, body: { policy: chosen } }, { onSuccess: onClose })}
    >
      {outlook.data !== undefined && (
        <ReleasePolicyChoice value={chosen} allowed={outlook.data.allowed} texts={texts} onChange={setChosen} />
      )}
      {outlook.data === undefined && outlook.error === null && <Skeleton rows={1} height={44} />}
      {outlook.error !== null && (
        <Failure title={common.failedToLoad} error={outlook.error} onRetry={() => void outlook.refetch()} />
      )}
    </ActDialog>
  );
}
