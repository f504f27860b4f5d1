import { ApiError } from '@davit/contract';
import { Button, Notice } from '@davit/ui';
import type { ReactElement } from 'react';
import { errorText } from '../api/client.ts';
import { useTexts } from '../i18n/language.tsx';

/** A part of a page that could not be loaded: what happened, and a button to try again. */
export function Failure(props: { title: string; error: unknown; onRetry: () => void }): ReactElement {
  const { common } = useTexts();
  const requestId = props.error instanceof ApiError ? props.error.problem.requestId : '';
  return (
    <Notice tone="danger" title={props.title} action={<Button onPress={props.onRetry}>{common.retry}</Button>}>
      {errorText(props.error, common)}
      {requestId !== '' && <div className="davit-muted davit-code">{common.requestId(requestId)}</div>}
    </Notice>
  );
}
