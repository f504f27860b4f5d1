import type { ReactElement } from 'react';
import {
  Button as AriaButton,
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  SearchField as AriaSearchField,
  Text,
  TextArea,
} from 'react-aria-components';
import { useFieldError } from './Form.tsx';
import { Icon } from './icons.tsx';
import { useUiTexts } from './texts.tsx';

export interface TextFieldProps {
  label: string;
  /** The field's name in the request, to which the server's field errors are matched. */
  name?: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'password' | 'email';
  description?: string;
  error?: string;
  placeholder?: string;
  autoComplete?: string;
  autoFocus?: boolean;
  required?: boolean;
  disabled?: boolean;
  /** With more than one line it is a text area. */
  rows?: number;
  maxLength?: number;
}

/** A labelled line (or area) of text with its help and error below. */
export function TextField(props: TextFieldProps): ReactElement {
  const wrong = useFieldError(props.name, props.value === '');
  const error = props.error ?? wrong;
  return (
    <AriaTextField
      className="davit-field"
      name={props.name}
      value={props.value}
      onChange={props.onChange}
      type={props.type ?? 'text'}
      autoComplete={props.autoComplete}
      autoFocus={props.autoFocus}
      isRequired={props.required}
      isDisabled={props.disabled}
      isInvalid={error !== undefined}
      maxLength={props.maxLength}
    >
      <Label className="davit-label">{props.label}</Label>
      {props.rows === undefined ? (
        <Input className="davit-input" placeholder={props.placeholder} spellCheck="false" />
      ) : (
        <TextArea className="davit-input" rows={props.rows} placeholder={props.placeholder} spellCheck="false" />
      )}
      {props.description !== undefined && (
        <Text slot="description" className="davit-description">
          {props.description}
        </Text>
      )}
      <FieldError className="davit-error">{error}</FieldError>
    </AriaTextField>
  );
}

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The page's main search: `/` puts the focus here. */
  main?: boolean;
}

/** A search line; Esc empties it. */
export function SearchField({ label, value, onChange, main }: SearchFieldProps): ReactElement {
  const texts = useUiTexts();
  return (
    <AriaSearchField className="davit-search" aria-label={label} value={value} onChange={onChange}>
      <Icon name="search" />
      <Input className="davit-input" placeholder={label} data-search={main === true ? 'main' : undefined} />
      {value !== '' && (
        <AriaButton className="davit-button davit-button-quiet davit-button-icon" aria-label={texts.dismiss}>
          <Icon name="close" size={12} />
        </AriaButton>
      )}
    </AriaSearchField>
  );
}
