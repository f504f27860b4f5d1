import { UsageSummaryView } from '@davit/ui';
import type { ReactElement } from 'react';
import type { Host } from '../../host.ts';
import type { IUsageModel } from '../../tokens.ts';
import { Frame, sharedTexts, useModel, useNow } from '../frame.tsx';

const EVERY_MS = 60_000;

/** Usage by day and by server, over the whole main area. */
export function UsageView({ host }: { host: Host }): ReactElement {
  return (
    <Frame host={host}>
      <div className="jp-davit-view">
        <h2>{host.trans.__('Usage')}</h2>
        {host.usage !== undefined && <Content host={host} usage={host.usage} />}
      </div>
    </Frame>
  );
}

function Content({ host, usage }: { host: Host; usage: IUsageModel }): ReactElement {
  useModel(usage, EVERY_MS);
  const now = useNow(EVERY_MS);
  return (
    <UsageSummaryView
      texts={sharedTexts(host).usage}
      locale={host.locale}
      summary={usage.summary}
      servers={usage.servers}
      withServers
      now={now}
      failure={usage.failure}
    />
  );
}
