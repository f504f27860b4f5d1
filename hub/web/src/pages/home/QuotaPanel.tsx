import { formatMemory, Meter, Skeleton, trim } from '@davit/ui';
import type { ReactElement } from 'react';
import { useMe } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';

/** How much of my quota is used; GPUs only where the quota has any. */
export function QuotaPanel(): ReactElement {
  const { home } = useTexts();
  const me = useMe();
  return (
    <section className="panel" aria-labelledby="quota-title">
      <header className="panel-head">
        <h2 id="quota-title">{home.quota}</h2>
      </header>
      <div className="panel-body">
        {me.data === undefined && me.error === null && <Skeleton rows={1} height={40} />}
        {me.data === undefined && me.error !== null && (
          <Failure title={home.quotaFailed} error={me.error} onRetry={() => void me.refetch()} />
        )}
        {me.data !== undefined && <QuotaMeters quota={me.data.quota} />}
      </div>
    </section>
  );
}

type Quota = NonNullable<ReturnType<typeof useMe>['data']>['quota'];

function QuotaMeters({ quota: { limit, used } }: { quota: Quota }): ReactElement {
  const { home } = useTexts();
  return (
    <div className="quota">
      <Meter
        label={home.servers}
        value={used.servers}
        max={limit.servers}
        text={home.used(String(used.servers), String(limit.servers))}
      />
      <Meter label={home.cpu} value={used.cpu} max={limit.cpu} text={home.used(trim(used.cpu), trim(limit.cpu))} />
      <Meter
        label={home.memory}
        value={used.memoryMb}
        max={limit.memoryMb}
        text={home.used(formatMemory(used.memoryMb), formatMemory(limit.memoryMb))}
      />
      {(limit.gpu > 0 || used.gpu > 0) && (
        <Meter
          label={home.gpu}
          value={used.gpu}
          max={limit.gpu}
          text={home.used(String(used.gpu), String(limit.gpu))}
        />
      )}
    </div>
  );
}
