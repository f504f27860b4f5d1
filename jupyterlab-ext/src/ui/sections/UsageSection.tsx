import { UsageSummaryView } from '@davit/ui';
import type { ReactElement } from 'react';
import type { Host } from '../../host.ts';
import type { IUsageModel } from '../../tokens.ts';
import { Frame, sharedTexts, useModel } from '../frame.tsx';

const EVERY_MS = 60_000;

/** The section with what was used today and in the last 30 days, and by each server. */
export function UsageSection({ host }: { host: Host }): ReactElement {
  return <Frame host={host}>{host.usage !== undefined && <Content host={host} usage={host.usage} />}</Frame>;
}

function Content({ host, usage }: { host: Host; usage: IUsageModel }): ReactElement {
  useModel(usage, EVERY_MS);
  return (
    <div className="jp-davit-section">
      <UsageSummaryView
        texts={sharedTexts(host).usage}
        locale={host.locale}
        summary={usage.summary}
        servers={usage.servers}
        withServers
        narrow
        failure={usage.failure}
      />
    </div>
  );
}
