import {
  releasePolicySchema,
  releaseSettingsSchema,
  roleSchema,
  type ReleasePolicy,
  type ReleaseSettings,
  type Role,
} from '@davit/contract';
import { Checkbox, NumberField, Select } from '@davit/ui';
import type { ReactElement } from 'react';
import { useReleaseTexts, useTexts } from '../../i18n/language.tsx';

/** What is being typed may for a moment be nothing that could be saved. */
export interface ReleaseDraft {
  leftAfterMinutes: number;
  roles: Record<Role, { allowed: readonly ReleasePolicy[]; default: ReleasePolicy }>;
}

/** The draft as settings, unless something is missing. */
export function completeRelease(draft: ReleaseDraft): ReleaseSettings | undefined {
  return releaseSettingsSchema.safeParse(draft).data;
}

/** When a person counts as gone, and for each role which policies there are. */
export function ReleaseFields(props: { value: ReleaseDraft; onChange: (value: ReleaseDraft) => void }): ReactElement {
  const { value, onChange } = props;
  const { settings: words } = useTexts();
  return (
    <>
      <div className="short-field">
        <NumberField
          label={words.leftAfter}
          name="release.leftAfterMinutes"
          value={value.leftAfterMinutes}
          min={1}
          max={10_080}
          step={1}
          onChange={(leftAfterMinutes) => onChange({ ...value, leftAfterMinutes })}
        />
        <div className="davit-description">{words.leftAfterHint}</div>
      </div>
      {roleSchema.options.map((role) => (
        <RoleFields
          key={role}
          role={role}
          value={value.roles[role]}
          onChange={(policies) => onChange({ ...value, roles: { ...value.roles, [role]: policies } })}
        />
      ))}
    </>
  );
}

interface RoleFieldsProps {
  role: Role;
  value: ReleaseDraft['roles'][Role];
  onChange: (value: ReleaseDraft['roles'][Role]) => void;
}

function RoleFields({ role, value, onChange }: RoleFieldsProps): ReactElement {
  const { settings: words, users } = useTexts();
  const { policies } = useReleaseTexts();
  const { allowed } = value;
  const toggle = (policy: ReleasePolicy, isAllowed: boolean): void => {
    const next = releasePolicySchema.options.filter((one) => (one === policy ? isAllowed : allowed.includes(one)));
    // The default stays one of the allowed ones; with none left it waits for the next choice.
    onChange({ allowed: next, default: next.includes(value.default) ? value.default : (next[0] ?? value.default) });
  };
  return (
    <fieldset className="checks">
      <legend className="davit-label">{users.roles[role]}</legend>
      <div className="policy-checks">
        {releasePolicySchema.options.map((policy) => (
          <Checkbox
            key={policy}
            selected={allowed.includes(policy)}
            onChange={(isAllowed) => toggle(policy, isAllowed)}
          >
            {policies[policy]}
          </Checkbox>
        ))}
      </div>
      {allowed.length === 0 && <div className="davit-error">{words.noPolicy}</div>}
      <div className="short-field">
        <Select
          label={words.defaultPolicy}
          value={value.default}
          options={allowed.map((id) => ({ id, text: policies[id] }))}
          disabled={allowed.length === 0}
          onChange={(policy) => onChange({ ...value, default: policy })}
        />
      </div>
    </fieldset>
  );
}
