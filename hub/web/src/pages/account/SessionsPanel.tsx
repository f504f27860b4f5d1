import { deleteSession, deleteSessions, listSessions, type Session } from '@davit/contract';
import { Button, DataTable, Tag } from '@davit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client.ts';
import { useAct, usePages } from '../../api/queries.ts';
import type { Texts } from '../../i18n/en.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ConfirmDialog } from '../../lib/ConfirmDialog.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useNotifyError } from '../../lib/notices.tsx';
import { RelativeTime } from '../../lib/time.tsx';
import { describeUserAgent } from '../../lib/userAgent.ts';

/** Where one is signed in, with a way to end each other session. */
export function SessionsPanel(): ReactElement {
  const texts = useTexts();
  const { account, common } = texts;
  const sessions = usePages('session', [], (cursor, signal) => api(listSessions, { query: { cursor } }, { signal }));
  const end = useAct(deleteSession, 'session');
  const notifyError = useNotifyError();
  const [everywhere, setEverywhere] = useState(false);

  const endButton = (session: Session): ReactElement => (
    <Button
      pending={end.isPending && end.variables.params.id === session.id}
      onPress={() => end.mutate({ params: { id: session.id } }, { onError: notifyError })}
    >
      {account.endSession}
    </Button>
  );

  return (
    <section className="panel" aria-labelledby="sessions-title">
      <header className="panel-head">
        <h2 id="sessions-title">{account.sessions}</h2>
        <Button icon="signOut" onPress={() => setEverywhere(true)}>
          {account.endAll}
        </Button>
        <p>{account.sessionsText}</p>
      </header>
      <ListState list={sessions} failed={common.failedToLoad} empty={null}>
        {(items) => (
          <DataTable
            label={account.sessions}
            rows={items.toSorted((one, other) => other.lastSeenAt.localeCompare(one.lastSeenAt))}
            rowKey={({ id }) => id}
            columns={[
              { id: 'device', title: account.device, main: true, cell: (session) => deviceOf(session, texts) },
              { id: 'seen', title: account.lastSeen, cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} /> },
              { id: 'created', title: account.signedIn, cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
              {
                id: 'end',
                title: account.endSession,
                actions: true,
                cell: (session) =>
                  session.current ? <Tag tone="accent">{account.thisSession}</Tag> : endButton(session),
              },
            ]}
          />
        )}
      </ListState>
      {everywhere && <EndAllDialog onClose={() => setEverywhere(false)} />}
    </section>
  );
}

function EndAllDialog({ onClose }: { onClose: () => void }): ReactElement {
  const { account } = useTexts();
  const endAll = useAct(deleteSessions, 'session');
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = (): void => {
    client.clear();
    void navigate('/signin');
  };
  return (
    <ConfirmDialog
      title={account.endAllTitle}
      submit={account.endAll}
      act={endAll}
      onConfirm={() => endAll.mutate({}, { onSuccess: leave })}
      onClose={onClose}
    >
      <p>{account.endAllText}</p>
    </ConfirmDialog>
  );
}

function deviceOf(session: Session, { account }: Texts): string {
  const device = describeUserAgent(session.userAgent);
  if (device === undefined) return session.userAgent === '' ? account.unknownDevice : session.userAgent.slice(0, 60);
  return device.system === undefined ? device.browser : account.onSystem(device.browser, device.system);
}
