import { TextField } from '@davit/ui';
import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';

/** The name that somebody signs in with. */
export function NameField(props: { value: string; onChange: (value: string) => void }): ReactElement {
  const { signin } = useTexts();
  return <TextField label={signin.name} name="name" {...props} autoComplete="username" autoFocus required />;
}
