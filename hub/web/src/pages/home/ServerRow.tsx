import type { Server } from '@davit/contract';
import { ProgressBar, ReleaseLine, SERVER_STATUS, StatusDot } from '@davit/ui';
import type { ReactElement } from 'react';
import type { Texts } from '../../i18n/en.ts';
import { useLanguage, useReleaseTexts, useTexts } from '../../i18n/language.tsx';
import { EditorNames, sizeText, whyText } from '../../lib/server.tsx';
import { useNow } from '../../lib/now.ts';
import { useAgo, useSpan } from '../../lib/time.tsx';
import { ServerActions } from './ServerActions.tsx';
import { ServerLive } from './ServerLive.tsx';

/** One server: what it is, how it fares and what can be done. */
export function ServerRow({ server }: { server: Server }): ReactElement {
  const texts = useTexts();
  const state = useStateText(server, texts);
  const why = detailText(server, texts);
  const progressing = server.phase === 'starting';
  return (
    <li className="server" data-phase={server.phase}>
      <StatusDot kind={SERVER_STATUS[server.phase]} label={texts.server.phases[server.phase]} />
      <div className="server-name">
        <strong>{server.name}</strong>
        <span className="davit-muted">{server.imageName}</span>
      </div>
      <EditorNames editors={server.editors} />
      <div className="server-facts">
        <span>{sizeText(server.resources, texts)}</span>
        <span className="server-state" aria-live="polite">
          {state}
        </span>
      </div>
      <ServerActions server={server} />
      {server.phase === 'running' && <ServerLive serverId={server.id} />}
      <Release server={server} />
      {(why !== undefined || progressing) && (
        <div className="server-why" aria-live="polite">
          {why}
          {progressing && <ProgressBar label={texts.server.progressOf(server.name)} percent={server.progress} />}
        </div>
      )}
    </li>
  );
}

/** When it is released, and what keeps it. */
function Release({ server: { release } }: { server: Server }): ReactElement | undefined {
  const { texts, locale } = useLanguage();
  const words = useReleaseTexts();
  const now = useNow();
  if (release === null) return undefined;
  return (
    <div className="server-release">
      <ReleaseLine state={release} now={now} texts={words} units={texts.common.units} locale={locale} />
    </div>
  );
}

/** The phase with its time, where the time says something. */
function useStateText(server: Server, { server: words }: Texts): string {
  const ago = useAgo();
  const span = useSpan();
  const phase = words.phases[server.phase];
  switch (server.phase) {
    case 'running':
      return server.readyAt === null ? phase : words.runningFor(span(server.readyAt));
    case 'stopped':
      return server.endedAt === null ? words.neverStarted : words.stoppedAgo(ago(server.endedAt));
    case 'failed':
      return server.endedAt === null ? phase : words.failedAgo(ago(server.endedAt));
    case 'starting':
      return server.progress === null ? phase : `${phase} ${words.percent(Math.floor(server.progress))}`;
    default:
      return phase;
  }
}

/** The sentence below the row; a running or stopped server without a reason needs none. */
function detailText(server: Server, texts: Texts): string | undefined {
  if (server.phase === 'stopping') return texts.server.stoppingNow;
  if (server.phase === 'deleting') return texts.server.deletingNow;
  return whyText(server, texts);
}
