import { FormDialog, type FormDialogProps } from '@davit/ui';
import type { ReactElement } from 'react';
import { errorText, fieldErrors } from '../api/client.ts';
import { useTexts } from '../i18n/language.tsx';

/** A request that a dialog sends. */
export interface Act {
  isPending: boolean;
  error: unknown;
}

/** A form dialog that sends one request: shows that it is on its way, and its refusal at the fields and below. */
export function ActDialog({
  act,
  ...props
}: Omit<FormDialogProps, 'error' | 'fieldErrors' | 'pending'> & { act: Act }): ReactElement {
  const { common } = useTexts();
  return (
    <FormDialog
      {...props}
      pending={act.isPending}
      error={act.error === null ? undefined : errorText(act.error, common)}
      fieldErrors={fieldErrors(act.error, common)}
    />
  );
}
