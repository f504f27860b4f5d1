import { ApiError, getServer, startServer, type Server } from '@davit/contract';
import { Button, EmptyState, ProgressBar, Skeleton, type IconName } from '@davit/ui';
import type { ReactElement, ReactNode } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useAct, useRoute } from '../../api/queries.ts';
import type { Texts } from '../../i18n/en.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { useNotifyError } from '../../lib/notices.tsx';
import { actionsOf, whyText } from '../../lib/server.tsx';
import { useTitle } from '../../lib/title.ts';
import { Opening } from './Opening.tsx';
import { targetOf } from './target.ts';

/** Leads to a server's page, from wherever it was asked for without a sign-in there; waits while it starts. */
export function OpenPage(): ReactElement {
  const { id = '' } = useParams();
  const [search] = useSearchParams();
  const texts = useTexts();
  const server = useRoute('server', getServer, { params: { id } });
  useTitle(server.data?.name ?? texts.server.open);

  if (server.data !== undefined) return <OpenServer server={server.data} path={search.get('path') ?? ''} />;
  if (server.error === null) return <Skeleton rows={2} height={44} />;
  if (server.error instanceof ApiError && server.error.problem.status < 500) {
    return <Message icon="server" title={texts.open.gone} text={texts.open.goneText} />;
  }
  return <Failure title={texts.common.failedToLoad} error={server.error} onRetry={() => void server.refetch()} />;
}

function OpenServer({ server, path }: { server: Server; path: string }): ReactElement {
  const texts = useTexts();
  const target = targetOf(path, server.editors);
  if (server.phase === 'running') {
    const nothing = target.editor === undefined && target.port === undefined;
    if (nothing) return <Message icon="terminal" title={texts.open.noEditor} text={texts.open.noEditorText} />;
    const waits = target.editor !== undefined && !server.readyEditors.includes(target.editor);
    if (!waits) return <Opening server={server} target={target} />;
  }
  const { icon, title, text } = wordsOf(server, texts);
  return (
    <Message icon={icon} title={title} text={text}>
      {actionsOf(server.phase).start && <StartButton server={server} />}
      {(server.phase === 'starting' || server.phase === 'running') && (
        <div className="open-progress">
          <ProgressBar label={texts.server.progressOf(server.name)} percent={server.progress} />
        </div>
      )}
    </Message>
  );
}

function StartButton({ server }: { server: Server }): ReactElement {
  const texts = useTexts();
  const start = useAct(startServer, 'server');
  const notifyError = useNotifyError();
  return (
    <Button
      variant="primary"
      icon="play"
      pending={start.isPending}
      onPress={() => start.mutate({ params: { id: server.id } }, { onError: notifyError })}
    >
      {server.phase === 'failed' ? texts.server.startAgain : texts.server.start}
    </Button>
  );
}

function Message(props: { icon: IconName; title: string; text?: string; children?: ReactNode }): ReactElement {
  const { shell } = useTexts();
  const navigate = useNavigate();
  return (
    <section className="panel" aria-live="polite">
      <EmptyState
        icon={props.icon}
        title={props.title}
        action={
          <>
            {props.children}
            <Button variant="quiet" onPress={() => void navigate('/')}>
              {shell.toServers}
            </Button>
          </>
        }
      >
        {props.text}
      </EmptyState>
    </section>
  );
}

function wordsOf(server: Server, texts: Texts): { icon: IconName; title: string; text: string | undefined } {
  const { open } = texts;
  const { name } = server;
  const why = whyText(server, texts);
  switch (server.phase) {
    case 'stopped':
      return { icon: 'stop', title: open.stopped(name), text: open.stoppedText };
    case 'failed':
      return { icon: 'error', title: open.failed(name), text: why };
    case 'stopping':
    case 'deleting':
      return { icon: 'stop', title: open.stopping(name), text: open.stoppingText };
    case 'unknown':
      return { icon: 'warning', title: open.unknown(name), text: why };
    default:
      return { icon: 'server', title: open.starting(name), text: why ?? open.startingText };
  }
}
