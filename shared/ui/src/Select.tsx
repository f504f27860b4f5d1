import type { ReactElement } from 'react';
import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
} from 'react-aria-components';
import { Icon } from './icons.tsx';
import { useUiTexts } from './texts.tsx';

export interface SelectProps<T extends string> {
  label: string;
  /** Without a visible label the words stay for screen readers. */
  hideLabel?: boolean;
  value: T;
  options: readonly { id: T; text: string }[];
  onChange: (value: T) => void;
  description?: string;
  disabled?: boolean;
}

/** One choice of a short list. */
export function Select<T extends string>(props: SelectProps<T>): ReactElement {
  const texts = useUiTexts();
  return (
    <AriaSelect
      className="davit-field"
      value={props.value}
      placeholder={texts.selectPlaceholder}
      isDisabled={props.disabled}
      aria-label={props.hideLabel === true ? props.label : undefined}
      onChange={(key) => {
        const chosen = props.options.find((option) => option.id === key);
        if (chosen !== undefined) props.onChange(chosen.id);
      }}
    >
      {props.hideLabel !== true && <Label className="davit-label">{props.label}</Label>}
      <Button className="davit-button davit-button-default davit-select">
        <SelectValue className="davit-select-value">
          {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
        </SelectValue>
        <Icon name="down" size={12} />
      </Button>
      {props.description !== undefined && (
        <Text slot="description" className="davit-description">
          {props.description}
        </Text>
      )}
      <Popover className="davit-popover" offset={4}>
        <ListBox className="davit-menu">
          {props.options.map((option) => (
            <ListBoxItem key={option.id} id={option.id} className="davit-menu-item" textValue={option.text}>
              <span className="davit-menu-words">{option.text}</span>
              {option.id === props.value && <Icon name="check" />}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
