import { Button, EmptyState } from '@davit/ui';
import type { ReactElement } from 'react';
import { useNavigate } from 'react-router';
import { useTexts } from '../i18n/language.tsx';
import { useTitle } from '../lib/title.ts';

/** A page that does not exist. */
export function NotFound(): ReactElement {
  const { shell } = useTexts();
  const navigate = useNavigate();
  useTitle(shell.notFound);
  return (
    <EmptyState
      icon="search"
      title={shell.notFound}
      action={<Button onPress={() => void navigate('/')}>{shell.toServers}</Button>}
    >
      {shell.notFoundText}
    </EmptyState>
  );
}
