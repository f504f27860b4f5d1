import { createSession, register } from '@davit/contract';
import { Button, Form, Notice, TextField } from '@davit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { errorText, fieldErrors } from '../../api/client.ts';
import { useAct, useInfo } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { returnPath } from '../../lib/returnPath.ts';
import { Doorstep } from '../../shell/Doorstep.tsx';
import { NameField } from './NameField.tsx';
import { NewPassword, useNewPassword } from './NewPassword.tsx';

/** Signs in, or creates an account where the hub allows that, and goes back to where one wanted to be. */
export function SignInPage(): ReactElement {
  const { signin } = useTexts();
  const info = useInfo();
  const [registering, setRegistering] = useState(false);
  const setup = info.data?.setupRequired === true;
  const allowed = info.data?.selfRegistration === true && !setup;
  return (
    <Doorstep title={registering ? signin.registerTitle : signin.title} lead={signin.lead}>
      {setup && <Notice>{signin.setupWaits}</Notice>}
      {registering ? <RegisterForm /> : <SignInForm />}
      {allowed && (
        <Button variant="quiet" onPress={() => setRegistering(!registering)}>
          {registering ? signin.haveAccount : signin.register}
        </Button>
      )}
      {!registering && <p className="davit-muted doorstep-foot">{signin.forgotten}</p>}
    </Doorstep>
  );
}

/** What follows a sign-in: nothing that was shown before is kept, and the wanted page opens. */
export function useEntered(): () => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { search } = useLocation();
  return () => {
    client.clear();
    void navigate(returnPath(search), { replace: true });
  };
}

function SignInForm(): ReactElement {
  const { signin, common } = useTexts();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useAct(createSession, 'session');
  const entered = useEntered();
  return (
    <Form
      className="doorstep-form"
      onSubmit={() => {
        signIn.mutate({ body: { name, password } }, { onSuccess: entered });
      }}
    >
      {signIn.error !== null && <Notice tone="danger">{errorText(signIn.error, common)}</Notice>}
      <NameField value={name} onChange={setName} />
      <TextField
        label={signin.password}
        name="password"
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        required
      />
      <Button type="submit" variant="primary" pending={signIn.isPending}>
        {signin.submit}
      </Button>
    </Form>
  );
}

function RegisterForm(): ReactElement {
  const { signin, common } = useTexts();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const password = useNewPassword();
  const create = useAct(register, 'session');
  const entered = useEntered();
  return (
    <Form
      className="doorstep-form"
      fieldErrors={fieldErrors(create.error, common)}
      onSubmit={() => {
        if (!password.check()) return;
        create.mutate({ body: { name, displayName, password: password.value } }, { onSuccess: entered });
      }}
    >
      {create.error !== null && <Notice tone="danger">{errorText(create.error, common)}</Notice>}
      <NameField value={name} onChange={setName} />
      <TextField
        label={`${signin.displayName} (${common.optional})`}
        name="displayName"
        value={displayName}
        onChange={setDisplayName}
        autoComplete="name"
      />
      <NewPassword state={password} label={signin.password} />
      <Button type="submit" variant="primary" pending={create.isPending}>
        {signin.registerSubmit}
      </Button>
    </Form>
  );
}
