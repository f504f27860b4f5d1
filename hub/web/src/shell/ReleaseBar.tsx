import { keepServer, listServers, type Server } from '@davit/contract';
import { ReleaseWarning, shouldWarn } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct, useRoute } from '../api/queries.ts';
import { useLanguage, useReleaseTexts } from '../i18n/language.tsx';
import { useNotifyError } from '../lib/notices.tsx';
import { useNow } from '../lib/now.ts';
import { ReleaseDialog } from '../lib/ReleaseDialogs.tsx';

/** Warns on each page of own servers that are released soon. */
export function ReleaseBars(): ReactElement {
  const servers = useRoute('server', listServers, { query: { limit: 200 } });
  const now = useNow();
  const [releasing, setReleasing] = useState<Server>();
  const warned = (servers.data?.items ?? []).filter(({ release }) => shouldWarn(release, now));
  return (
    <>
      {warned.map((server) => (
        <ReleaseBar key={server.id} server={server} now={now} onRelease={() => setReleasing(server)} />
      ))}
      {releasing !== undefined && <ReleaseDialog server={releasing} onClose={() => setReleasing(undefined)} />}
    </>
  );
}

function ReleaseBar(props: { server: Server; now: number; onRelease: () => void }): ReactElement | undefined {
  const { server, now, onRelease } = props;
  const { texts, locale } = useLanguage();
  const notifyError = useNotifyError();
  const keep = useAct(keepServer, 'server');
  const release = useReleaseTexts();
  if (server.release === null) return undefined;
  return (
    <ReleaseWarning
      name={server.name}
      state={server.release}
      now={now}
      texts={release}
      units={texts.common.units}
      locale={locale}
      pending={keep.isPending}
      onKeep={() => keep.mutate({ params: { id: server.id }, body: { hours: 2 } }, { onError: notifyError })}
      onRelease={onRelease}
    />
  );
}
