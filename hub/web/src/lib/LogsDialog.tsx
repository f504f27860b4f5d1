import { getServerLogs, type Server } from '@davit/contract';
import { Dialog, DialogBody, LogView, Notice, Skeleton } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useRoute } from '../api/queries.ts';
import { useTexts } from '../i18n/language.tsx';
import { Failure } from './failure.tsx';

/** How many of the last lines are shown. */
const TAIL = 1000;
/** How often new lines are asked for while the end is followed. */
const FOLLOW_MS = 2000;

/** What the server's container wrote; asks for more while it is open and followed. */
export function LogsDialog({ server, onClose }: { server: Server; onClose: () => void }): ReactElement {
  const texts = useTexts();
  const [follow, setFollow] = useState(true);
  const call = { params: { id: server.id }, query: { tail: TAIL } };
  const logs = useRoute('server', getServerLogs, call, { refetchInterval: follow && FOLLOW_MS });
  return (
    <Dialog title={texts.server.logsTitle(server.name)} size="large" dismissable onClose={onClose}>
      <DialogBody>
        {logs.error !== null && (
          <Failure title={texts.common.failedToLoad} error={logs.error} onRetry={() => void logs.refetch()} />
        )}
        {logs.isPending && <Skeleton rows={8} height={16} />}
        {logs.data?.source === 'last-container' && <Notice>{texts.server.logsLast}</Notice>}
        {logs.data !== undefined && (
          <LogView
            label={texts.server.logsTitle(server.name)}
            lines={logs.data.lines}
            empty={logs.data.source === 'none' ? texts.server.logsNone : texts.server.logsEmpty}
            follow={follow}
            onFollow={setFollow}
          />
        )}
      </DialogBody>
    </Dialog>
  );
}
