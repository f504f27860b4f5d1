import type { ReactElement, ReactNode } from 'react';
import { Checkbox as AriaCheckbox, Label, Radio, RadioGroup, Switch as AriaSwitch } from 'react-aria-components';
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
    <AriaSwitch
      className="davit-switch"
      isSelected={props.selected}
      isDisabled={props.disabled}
      onChange={props.onChange}
    >
      <span className="davit-switch-track" aria-hidden="true" />
      <span>{props.children}</span>
    </AriaSwitch>
  );
}

/** One of several things that are sent together. */
export function Checkbox(props: ToggleProps): ReactElement {
  return (
    <AriaCheckbox
      className="davit-checkbox"
      isSelected={props.selected}
      isDisabled={props.disabled}
      onChange={props.onChange}
    >
      <span className="davit-checkbox-box" aria-hidden="true">
        {props.selected && <Icon name="check" size={12} />}
      </span>
      <span>{props.children}</span>
    </AriaCheckbox>
  );
}

export interface CardOption {
  id: string;
  content: ReactNode;
  /** What a screen reader calls the card. */
  label: string;
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
        {props.options.map((option) => (
          <Radio
            key={option.id}
            value={option.id}
            className="davit-card-radio"
            isDisabled={option.disabled}
            aria-label={option.label}
          >
            {option.content}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
