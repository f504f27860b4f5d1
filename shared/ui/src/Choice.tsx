import { Fragment, type ReactElement, type ReactNode } from 'react';
import {
  CheckboxButton,
  CheckboxField,
  Label,
  RadioButton,
  RadioField,
  RadioGroup,
  SwitchButton,
  SwitchField,
} from 'react-aria-components';
import { Icon } from './icons.tsx';

interface ToggleProps {
  children: ReactNode;
  selected: boolean;
  onChange: (selected: boolean) => void;
  disabled?: boolean;
}

/** On or off, at once. */
export function Switch(props: ToggleProps): ReactElement {
  return (
    <SwitchField isSelected={props.selected} isDisabled={props.disabled} onChange={props.onChange}>
      <SwitchButton className="davit-switch">
        <span className="davit-switch-track" aria-hidden="true" />
        <span>{props.children}</span>
      </SwitchButton>
    </SwitchField>
  );
}

/** One of several things that are sent together. With a `label` instead of children it shows the box alone. */
export function Checkbox(
  props: Omit<ToggleProps, 'children'> & { children?: ReactNode; label?: string },
): ReactElement {
  return (
    <CheckboxField isSelected={props.selected} isDisabled={props.disabled} onChange={props.onChange}>
      <CheckboxButton className="davit-checkbox" aria-label={props.label}>
        <span className="davit-checkbox-box" aria-hidden="true">
          {props.selected && <Icon name="check" size={12} />}
        </span>
        {props.children !== undefined && <span>{props.children}</span>}
      </CheckboxButton>
    </CheckboxField>
  );
}

export interface CardOption {
  id: string;
  content: ReactNode;
  /** What a screen reader calls the card. */
  label: string;
  /** Stands above the first card of each group. */
  group?: string;
  disabled?: boolean;
}

export interface RadioCardsProps {
  label: string;
  value: string | undefined;
  options: readonly CardOption[];
  onChange: (id: string) => void;
}

/** One choice among cards; arrow keys move. */
export function RadioCards(props: RadioCardsProps): ReactElement {
  return (
    <RadioGroup
      className="davit-field davit-radio-cards"
      value={props.value ?? null}
      onChange={props.onChange}
      orientation="horizontal"
    >
      <Label className="davit-label">{props.label}</Label>
      <div className="davit-cards">
        {props.options.map((option, index) => (
          <Fragment key={option.id}>
            {option.group !== undefined && option.group !== props.options[index - 1]?.group && (
              <div className="davit-cards-group">{option.group}</div>
            )}
            <RadioField value={option.id} isDisabled={option.disabled} aria-label={option.label}>
              <RadioButton className="davit-card-radio">{option.content}</RadioButton>
            </RadioField>
          </Fragment>
        ))}
      </div>
    </RadioGroup>
  );
}
