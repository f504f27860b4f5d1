import { redeemLink } from '@davit/contract';
import { Button, Form, EmptyState, Notice, Skeleton } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'react-router';
import { errorText, fieldErrors } from '../../api/client.ts';
import { useAct, useInfo } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Doorstep } from '../../shell/Doorstep.tsx';
import { NameField } from './NameField.tsx';
import { NewPassword, useNewPassword } from './NewPassword.tsx';
import { useEntered } from './SignInPage.tsx';

/** The page of a one-time link: the first admin chooses name and password, anybody else a password. */
export function LinkPage(): ReactElement {
  const { link: words, common } = useTexts();
  const { hash } = useLocation();
  const info = useInfo();
  const link = hash.slice(1);
  const setup = info.data?.setupRequired === true;

  if (link.length < 10) {
    return (
      <Doorstep title={words.passwordTitle}>
        <EmptyState icon="link" title={words.missing}>
          {words.missingText}
        </EmptyState>
      </Doorstep>
    );
  }
  return (
    <Doorstep
      title={setup ? words.setupTitle : words.passwordTitle}
      lead={info.isPending ? undefined : setup ? words.setupLead : words.passwordLead}
    >
      {info.isPending && <Skeleton rows={3} height={34} />}
      {info.error !== null && <Notice tone="danger">{errorText(info.error, common)}</Notice>}
      {info.data !== undefined && <LinkForm link={link} setup={setup} />}
    </Doorstep>
  );
}

function LinkForm({ link, setup }: { link: string; setup: boolean }): ReactElement {
  const { link: words, signin, common } = useTexts();
  const [name, setName] = useState('');
  const password = useNewPassword();
  const redeem = useAct(redeemLink, 'session');
  const entered = useEntered();
  return (
    <Form
      className="doorstep-form"
      fieldErrors={fieldErrors(redeem.error, common)}
      onSubmit={() => {
        if (!password.check()) return;
        const body = { link, password: password.value, ...(setup && { name }) };
        redeem.mutate({ body }, { onSuccess: entered });
      }}
    >
      {redeem.error !== null && <Notice tone="danger">{errorText(redeem.error, common)}</Notice>}
      {setup && <NameField value={name} onChange={setName} />}
      <NewPassword state={password} label={signin.password} />
      <Button type="submit" variant="primary" pending={redeem.isPending}>
        {setup ? words.setupSubmit : words.passwordSubmit}
      </Button>
    </Form>
  );
}
