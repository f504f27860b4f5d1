import { createUser, roleSchema, type Role } from '@davit/contract';
import { Select, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { useNotify } from '../../lib/notices.tsx';
import { LinkReady } from './LinkReady.tsx';

/** Creates an account; without a password it ends with a link for the person. */
export function CreateUserDialog({ onClose }: { onClose: () => void }): ReactElement {
  const { users: words, common } = useTexts();
  const notify = useNotify();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<Role>('user');
  const [password, setPassword] = useState('');
  const create = useAct(createUser, 'user');
  const link = create.data?.passwordLink;

  if (link !== undefined) return <LinkReady title={words.created(name)} url={link} onClose={onClose} />;

  const submit = (): void => {
    const body = { name, displayName, role, ...(password !== '' && { password }) };
    create.mutate(
      { body },
      {
        onSuccess: (user) => {
          if (user.passwordLink !== undefined) return;
          notify('success', words.created(user.name));
          onClose();
        },
      },
    );
  };
  return (
    <ActDialog
      title={words.createTitle}
      submit={words.create}
      act={create}
      disabled={name === ''}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={words.signInName}
        name="name"
        value={name}
        onChange={setName}
        maxLength={64}
        autoComplete="off"
        autoFocus
        required
      />
      <TextField
        label={`${words.displayName} (${common.optional})`}
        name="displayName"
        value={displayName}
        onChange={setDisplayName}
        maxLength={100}
        autoComplete="off"
      />
      <Select
        label={words.role}
        value={role}
        options={roleSchema.options.map((id) => ({ id, text: words.roles[id] }))}
        onChange={setRole}
      />
      <TextField
        label={`${words.password} (${common.optional})`}
        name="password"
        type="password"
        value={password}
        onChange={setPassword}
        description={words.passwordLater}
        autoComplete="new-password"
      />
    </ActDialog>
  );
}
