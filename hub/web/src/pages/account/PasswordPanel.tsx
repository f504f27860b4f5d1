import { changePassword } from '@davit/contract';
import { Button, Form, Notice, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { errorText, fieldErrors } from '../../api/client.ts';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { useNotify } from '../../lib/notices.tsx';
import { useSignedIn } from '../../shell/SignedIn.tsx';
import { NewPassword, useNewPassword } from '../signin/NewPassword.tsx';

/** Changes one's own password. */
export function PasswordPanel(): ReactElement {
  const { account, common } = useTexts();
  const { user } = useSignedIn();
  const notify = useNotify();
  const [current, setCurrent] = useState('');
  const next = useNewPassword();
  const change = useAct(changePassword, 'session');

  const submit = (): void => {
    if (!next.check()) return;
    change.mutate(
      { body: { current, next: next.value } },
      {
        onSuccess: () => {
          setCurrent('');
          next.clear();
          notify('success', account.changed);
        },
      },
    );
  };

  return (
    <section className="panel" aria-labelledby="password-title">
      <header className="panel-head">
        <h2 id="password-title">{account.password}</h2>
        <p>{account.passwordText}</p>
      </header>
      <Form className="panel-body narrow-form" fieldErrors={fieldErrors(change.error, common)} onSubmit={submit}>
        {/* Password managers file the new password under this name. */}
        <input
          className="davit-hidden"
          name="username"
          autoComplete="username"
          defaultValue={user.name}
          tabIndex={-1}
          aria-hidden="true"
          readOnly
        />
        <TextField
          label={account.current}
          name="current"
          type="password"
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          required
        />
        <NewPassword state={next} label={account.next} name="next" />
        {change.error !== null && <Notice tone="danger">{errorText(change.error, common)}</Notice>}
        <div>
          <Button type="submit" variant="primary" pending={change.isPending}>
            {account.change}
          </Button>
        </div>
      </Form>
    </section>
  );
}
