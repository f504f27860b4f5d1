import { TextField } from '@davit/ui';
import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';

export interface GroupValue {
  name: string;
  description: string;
}

/** What a group is called and what it is for. */
export function GroupFields(props: {
  value: GroupValue;
  onChange: (value: GroupValue) => void;
  autoFocus?: boolean;
}): ReactElement {
  const { value, onChange, autoFocus = false } = props;
  const { groups: words, common } = useTexts();
  return (
    <>
      <TextField
        label={common.name}
        name="name"
        value={value.name}
        onChange={(name) => onChange({ ...value, name })}
        description={words.nameRule}
        maxLength={60}
        autoFocus={autoFocus}
        required
      />
      <TextField
        label={words.description}
        name="description"
        value={value.description}
        onChange={(description) => onChange({ ...value, description })}
        maxLength={500}
      />
    </>
  );
}
