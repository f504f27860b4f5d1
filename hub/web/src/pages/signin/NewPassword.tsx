import { TextField } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';

/** The shortest password that the contract takes. */
const SHORTEST = 8;

interface NewPasswordState {
  value: string;
  repeated: string;
  tried: boolean;
  setValue: (value: string) => void;
  setRepeated: (value: string) => void;
  /** Whether it can be sent; from then on the fields say what is wrong. */
  check: () => boolean;
  clear: () => void;
}

/** A password that is chosen and typed twice. */
export function useNewPassword(): NewPasswordState {
  const [value, setValue] = useState('');
  const [repeated, setRepeated] = useState('');
  const [tried, setTried] = useState(false);
  const check = (): boolean => {
    setTried(true);
    return value.length >= SHORTEST && value === repeated;
  };
  const clear = (): void => {
    setValue('');
    setRepeated('');
    setTried(false);
  };
  return { value, repeated, tried, setValue, setRepeated, check, clear };
}

/** The two fields of a new password. `name` is the field's name in the request. */
export function NewPassword(props: { state: NewPasswordState; label: string; name?: string }): ReactElement {
  const { signin } = useTexts();
  const { value, repeated, tried, setValue, setRepeated } = props.state;
  return (
    <>
      <TextField
        label={props.label}
        name={props.name ?? 'password'}
        type="password"
        value={value}
        onChange={setValue}
        autoComplete="new-password"
        description={signin.passwordRule}
        error={tried && value.length < SHORTEST ? signin.passwordRule : undefined}
        required
      />
      <TextField
        label={signin.repeat}
        name="repeat"
        type="password"
        value={repeated}
        onChange={setRepeated}
        autoComplete="new-password"
        error={tried && value !== repeated ? signin.differs : undefined}
        required
      />
    </>
  );
}
