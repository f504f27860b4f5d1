import { getUsageSummary, listUsage } from '@davit/contract';
import { Select, UsageSummaryView } from '@davit/ui';
import type { ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { usePages, useRoute } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { AllUsage } from '../../lib/AllUsage.tsx';
import { Failure } from '../../lib/failure.tsx';
import { useNow } from '../../lib/now.ts';
import { useTitle } from '../../lib/title.ts';
import { USAGE_EVERY_MS, useRange, useUsageTexts } from '../../lib/usage.ts';
import { timeZone } from '../../lib/usageRange.ts';
import { UsageTools } from '../../lib/UsageTools.tsx';
import { useFilter } from '../../lib/useFilter.ts';
import { useSignedIn } from '../../shell/SignedIn.tsx';

/** My usage; whoever looks after others may look at theirs. */
export function UsagePage(): ReactElement {
  const { usage } = useTexts();
  const [whose] = useFilter('whose');
  const { user } = useSignedIn();
  useTitle(usage.title);
  const others = user.role !== 'user' && whose === 'all';
  return others ? <AllUsage title={usage.title} tools={<WhoseChoice />} /> : <OwnUsage />;
}

/** Nothing where there is nobody but oneself to look at. */
function WhoseChoice(): ReactElement | undefined {
  const { usage } = useTexts();
  const { user } = useSignedIn();
  const [whose, setWhose] = useFilter('whose');
  if (user.role === 'user') return undefined;
  return (
    <Select
      label={usage.whose}
      hideLabel
      value={whose === 'all' ? 'all' : 'own'}
      options={[
        { id: 'own', text: usage.mine },
        { id: 'all', text: user.role === 'admin' ? usage.everybody : usage.members },
      ]}
      onChange={(id) => setWhose(id === 'own' ? '' : id)}
    />
  );
}

function OwnUsage(): ReactElement {
  const { usage } = useTexts();
  const view = useUsageTexts();
  const range = useRange();
  const now = useNow();
  const asked = { from: range.from, to: range.to, timeZone: timeZone() };
  const options = { refetchInterval: USAGE_EVERY_MS };
  const summary = useRoute('usage', getUsageSummary, { query: asked }, options);
  const servers = usePages('usage', ['own', asked], (cursor, signal) =>
    api(listUsage, { query: { ...asked, by: 'server', limit: 200, cursor } }, { signal }),
  );
  const failed = summary.error ?? servers.error;
  const retry = (): void => {
    void summary.refetch();
    void servers.refetch();
  };
  return (
    <section className="panel" aria-labelledby="usage-title">
      <header className="panel-head">
        <h1 id="usage-title">{usage.title}</h1>
        <div className="tools">
          <WhoseChoice />
          <UsageTools range={range} file={{}} />
        </div>
      </header>
      <div className="panel-body">
        {failed !== null && <Failure title={usage.failed} error={failed} onRetry={retry} />}
        {(failed === null || summary.data !== undefined) && (
          <UsageSummaryView {...view} summary={summary.data} servers={servers.items} withServers now={now} />
        )}
      </div>
    </section>
  );
}
