import { Notice, Skeleton } from '@davit/ui';
import type { ReactElement } from 'react';
import type { Host } from '../../host.ts';
import type { IUsageModel } from '../../tokens.ts';
import { Figures } from '../Figures.tsx';
import { Frame, useModel } from '../frame.tsx';

const EVERY_MS = 60_000;

/** Usage over the whole main area. */
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
  const { trans } = host;
  useModel(usage, EVERY_MS);
  const { summary, failure } = usage;
  if (summary === undefined) {
    return failure === undefined ? <Skeleton rows={6} /> : <Notice tone="danger">{failure}</Notice>;
  }
  return (
    <>
      <h3>{trans.__('Today')}</h3>
      <Figures totals={summary.today} trans={trans} />
      <h3>{trans.__('Last 30 days')}</h3>
      <Figures totals={summary.range} trans={trans} />
    </>
  );
}
