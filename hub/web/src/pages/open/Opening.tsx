import { openServer, type Server } from '@davit/contract';
import { Button, EmptyState, Notice } from '@davit/ui';
import { useEffect, useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { forgetOpenings, goesInCircles, rememberOpening } from './openings.ts';
import type { Target } from './target.ts';

/** The browser comes back each time it is sent to the server. */
class Circles extends Error {}

/** Asks for the single-use link and goes there; this page leaves no trace in the browser's history. */
export function Opening({ server, target: { editor, port, path } }: { server: Server; target: Target }): ReactElement {
  const { texts, language } = useLanguage();
  const { open, common } = texts;
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    const leaving = new AbortController();
    const circles = goesInCircles(rememberOpening(server.id, Date.now()));
    const link = (): ReturnType<typeof api<typeof openServer>> =>
      api(
        openServer,
        { params: { id: server.id }, body: { editor, port, path, language } },
        { signal: leaving.signal },
      );
    (circles ? Promise.reject(new Circles()) : link())
      .then(({ url }) => window.location.replace(url))
      .catch((reason: unknown) => {
        if (!leaving.signal.aborted) setError(reason);
      });
    return () => leaving.abort();
  }, [server.id, editor, port, path, language, attempt]);

  const retry = (): void => {
    forgetOpenings(server.id);
    setError(undefined);
    setAttempt(attempt + 1);
  };
  if (error instanceof Circles) {
    return (
      <Notice tone="warning" title={open.circles} action={<Button onPress={retry}>{common.retry}</Button>}>
        {open.circlesText}
      </Notice>
    );
  }
  if (error !== undefined) return <Failure title={open.noOpen} error={error} onRetry={retry} />;
  return (
    <section className="panel" aria-live="polite">
      <EmptyState icon="external" title={open.opening(server.name)}>
        {open.openingText}
      </EmptyState>
    </section>
  );
}
