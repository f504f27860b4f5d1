import { Button, Notice, Skeleton } from '@davit/ui';
import type { ReactElement } from 'react';
import { CommandIDs } from '../../commandIds.ts';
import type { Host } from '../../host.ts';
import type { IUsageModel } from '../../tokens.ts';
import { Figures } from '../Figures.tsx';
import { Frame, useModel } from '../frame.tsx';

const EVERY_MS = 60_000;

/** The section with what was used today and in the last 30 days. */
export function UsageSection({ host }: { host: Host }): ReactElement {
  return <Frame host={host}>{host.usage !== undefined && <Content host={host} usage={host.usage} />}</Frame>;
}

function Content({ host, usage }: { host: Host; usage: IUsageModel }): ReactElement {
  const { trans, commands } = host;
  useModel(usage, EVERY_MS);
  const { summary, failure } = usage;
  return (
    <div className="jp-davit-section">
      {failure !== undefined && <Notice tone="danger">{failure}</Notice>}
      {summary === undefined ? (
        failure === undefined && <Skeleton rows={3} />
      ) : (
        <>
          <strong>{trans.__('Today')}</strong>
          <Figures totals={summary.today} trans={trans} />
          <strong>{trans.__('Last 30 days')}</strong>
          <Figures totals={summary.range} trans={trans} />
          {commands.hasCommand(CommandIDs.openUsage) && (
            <div className="jp-davit-row">
              <Button onPress={() => void commands.execute(CommandIDs.openUsage)}>
                {trans.__('By day and server')}
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
