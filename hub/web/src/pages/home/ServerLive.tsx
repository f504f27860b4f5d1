import { getServerMetrics } from '@davit/contract';
import { ServerMeters } from '@davit/ui';
import type { ReactElement } from 'react';
import { useRoute } from '../../api/queries.ts';
import { useUsageTexts } from '../../lib/usage.ts';

/** The hub measures each few seconds while somebody asks. */
const EVERY_MS = 8000;

/** What a running server uses right now and did during the last minutes. Nothing until it was measured, or when that fails. */
export function ServerLive({ serverId }: { serverId: string }): ReactElement | undefined {
  const { texts } = useUsageTexts();
  const metrics = useRoute('metrics', getServerMetrics, { params: { id: serverId } }, { refetchInterval: EVERY_MS });
  if (metrics.data === undefined || metrics.data.samples.length === 0) return undefined;
  return (
    <div className="server-live">
      <ServerMeters texts={texts} metrics={metrics.data} compact />
    </div>
  );
}
