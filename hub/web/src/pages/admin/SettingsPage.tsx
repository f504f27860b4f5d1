import {
  getSettings,
  quotaSchema,
  roleSchema,
  updateSettings,
  type Quota,
  type Role,
  type Settings,
} from '@davit/contract';
import { Button, Form, Notice, NumberField, Skeleton, Switch } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { errorText, fieldErrors } from '../../api/client.ts';
import { useAct, useRoute } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { useNotify } from '../../lib/notices.tsx';
import { useTitle } from '../../lib/title.ts';
import { QuotaFields } from './QuotaFields.tsx';
import { completeRelease, ReleaseFields, type ReleaseDraft } from './ReleaseFields.tsx';

/** The hub's settings. */
export function SettingsPage(): ReactElement {
  const { settings: words, admin } = useTexts();
  const settings = useRoute('settings', getSettings, {});
  useTitle(admin.settings);
  if (settings.data !== undefined) return <SettingsForm settings={settings.data} />;
  if (settings.error === null) return <Skeleton rows={4} height={44} />;
  return <Failure title={words.failed} error={settings.error} onRetry={() => void settings.refetch()} />;
}

/** Starts from what was loaded; what somebody else saves meanwhile does not overwrite what is being typed. */
function SettingsForm({ settings }: { settings: Settings }): ReactElement {
  const { settings: words, users, common } = useTexts();
  const notify = useNotify();
  const update = useAct(updateSettings, 'settings');
  const [selfRegistration, setSelfRegistration] = useState(settings.selfRegistration);
  const [sessionHours, setSessionHours] = useState(settings.sessionHours);
  const [quotas, setQuotas] = useState<Record<Role, Partial<Quota>>>(settings.roleQuotas);
  const [release, setRelease] = useState<ReleaseDraft>(settings.release);
  const complete = completeQuotas(quotas);
  const released = completeRelease(release);

  const submit = (): void => {
    if (complete === undefined || released === undefined) return;
    const body = { selfRegistration, sessionHours, roleQuotas: complete, release: released };
    update.mutate({ body }, { onSuccess: () => notify('success', words.saved) });
  };
  return (
    <Form className="settings" fieldErrors={fieldErrors(update.error, common)} onSubmit={submit}>
      <section className="panel" aria-labelledby="accounts-title">
        <header className="panel-head">
          <h1 id="accounts-title">{words.accounts}</h1>
        </header>
        <div className="panel-body">
          <div>
            <Switch selected={selfRegistration} onChange={setSelfRegistration}>
              {words.selfRegistration}
            </Switch>
            <div className="davit-description">{words.selfRegistrationHint}</div>
          </div>
          <div className="short-field">
            <NumberField
              label={words.sessionHours}
              name="sessionHours"
              value={sessionHours}
              min={1}
              max={8760}
              step={1}
              onChange={setSessionHours}
            />
          </div>
        </div>
      </section>
      <section className="panel" aria-labelledby="quotas-title">
        <header className="panel-head">
          <h2 id="quotas-title">{words.quotas}</h2>
          <p>{words.quotasHint}</p>
        </header>
        <div className="panel-body">
          {roleSchema.options.map((role) => (
            <fieldset key={role} className="checks">
              <legend className="davit-label">{users.roles[role]}</legend>
              <QuotaFields
                name={`roleQuotas.${role}`}
                value={quotas[role]}
                onChange={(quota) => setQuotas({ ...quotas, [role]: quota })}
              />
            </fieldset>
          ))}
        </div>
      </section>
      <section className="panel" aria-labelledby="release-title">
        <header className="panel-head">
          <h2 id="release-title">{words.release}</h2>
          <p>{words.releaseHint}</p>
        </header>
        <div className="panel-body">
          <ReleaseFields value={release} onChange={setRelease} />
        </div>
      </section>
      {update.error !== null && <Notice tone="danger">{errorText(update.error, common)}</Notice>}
      <div className="settings-foot">
        <Button
          type="submit"
          variant="primary"
          pending={update.isPending}
          disabled={complete === undefined || released === undefined || Number.isNaN(sessionHours)}
        >
          {words.save}
        </Button>
      </div>
    </Form>
  );
}

/** All quotas, unless a field is empty. */
function completeQuotas(quotas: Record<Role, Partial<Quota>>): Settings['roleQuotas'] | undefined {
  const [user, teacher, admin] = (['user', 'teacher', 'admin'] as const).map((role) =>
    quotaSchema.safeParse(quotas[role]),
  );
  if (user?.success !== true || teacher?.success !== true || admin?.success !== true) return undefined;
  return { user: user.data, teacher: teacher.data, admin: admin.data };
}
