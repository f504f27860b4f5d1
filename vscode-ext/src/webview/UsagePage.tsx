import { Button, Notice, UsageSummaryView } from '@davit/ui';
import { useEffect, useState, type ReactElement } from 'react';
import { listen, send } from './host.ts';
import type { PageLanguage } from './language.ts';
import type { UsagePageState } from './messages.ts';

/** What the person used: today, each of the last 30 days, and each server. */
export function UsagePage({ language }: { language: PageLanguage }): ReactElement {
  const [{ summary, byServer, error }, setState] = useState<UsagePageState>({});
  const [now, setNow] = useState(() => Date.now());
  useEffect(
    () =>
      listen((next) => {
        setState(next);
        setNow(Date.now());
      }),
    [],
  );
  const { usage } = language.texts;
  return (
    <main className="page page-wide">
      <header className="page-head">
        <h1>{usage.title}</h1>
        <Button onPress={() => send({ type: 'export' })}>{usage.export}</Button>
      </header>
      {error !== undefined && (
        <Notice tone="danger" action={<Button onPress={() => send({ type: 'retry' })}>{usage.retry}</Button>}>
          {error}
        </Notice>
      )}
      {(summary !== undefined || error === undefined) && (
        <UsageSummaryView
          texts={language.usageTexts}
          locale={language.locale}
          summary={summary}
          servers={byServer}
          withServers
          now={now}
        />
      )}
    </main>
  );
}
