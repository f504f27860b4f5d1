import { getSettings, roleSchema, updateUser, type User } from '@davit/contract';
import { Select, Switch, TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useAct, useRoute } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ActDialog } from '../../lib/ActDialog.tsx';
import { useSignedIn } from '../../shell/SignedIn.tsx';
import { QuotaFields } from './QuotaFields.tsx';

/** Changes name, role, quota exceptions and whether the person may sign in. */
export function EditUserDialog({ user, onClose }: { user: User; onClose: () => void }): ReactElement {
  const { users: words } = useTexts();
  const self = useSignedIn().user.id === user.id;
  const settings = useRoute('settings', getSettings, {});
  const [name, setName] = useState(user.name);
  const [displayName, setDisplayName] = useState(user.displayName);
  const [role, setRole] = useState(user.role);
  const [active, setActive] = useState(user.active);
  const [quota, setQuota] = useState(user.quota);
  const { common } = useTexts();
  const update = useAct(updateUser, 'user');
  const body = { name, displayName, quota, ...(!self && { role, active }) };
  return (
    <ActDialog
      title={words.editTitle(user.name)}
      submit={common.save}
      act={update}
      disabled={name === ''}
      onClose={onClose}
      onSubmit={() => update.mutate({ params: { id: user.id }, body }, { onSuccess: onClose })}
    >
      <div className="two">
        <TextField label={words.signInName} name="name" value={name} onChange={setName} maxLength={64} required />
        <TextField
          label={words.displayName}
          name="displayName"
          value={displayName}
          onChange={setDisplayName}
          maxLength={100}
        />
      </div>
      <Select
        label={words.role}
        value={role}
        disabled={self}
        options={roleSchema.options.map((id) => ({ id, text: words.roles[id] }))}
        onChange={setRole}
      />
      <div>
        <Switch selected={active} onChange={setActive} disabled={self}>
          {words.activeLabel}
        </Switch>
        <div className="davit-description">{words.activeHint}</div>
      </div>
      <fieldset className="checks">
        <legend className="davit-label">{words.exceptions}</legend>
        <span className="davit-description">{words.quotaLead}</span>
        <QuotaFields name="quota" value={quota} fallback={settings.data?.roleQuotas[role]} onChange={setQuota} />
      </fieldset>
    </ActDialog>
  );
}
