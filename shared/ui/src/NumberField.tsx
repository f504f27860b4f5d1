import type { ReactElement } from 'react';
import { Button, FieldError, Group, Input, Label, NumberField as AriaNumberField, Text } from 'react-aria-components';
import { useFieldError } from './Form.tsx';

export interface NumberFieldProps {
  label: string;
  name?: string;
  /** NaN while empty. */
  value: number;
  onChange: (value: number) => void;
  min?: number;
  max?: number;
  step?: number;
  description?: string;
  placeholder?: string;
  disabled?: boolean;
}

/** A labelled number with steppers; arrow keys step. */
export function NumberField(props: NumberFieldProps): ReactElement {
  const error = useFieldError(props.name, Number.isNaN(props.value));
  return (
    <AriaNumberField
      className="davit-field"
      name={props.name}
      value={props.value}
      onChange={props.onChange}
      minValue={props.min}
      maxValue={props.max}
      step={props.step}
      isDisabled={props.disabled}
      isInvalid={error !== undefined}
      formatOptions={{ maximumFractionDigits: 2, useGrouping: false }}
    >
      <Label className="davit-label">{props.label}</Label>
      <Group className="davit-number">
        <Button slot="decrement" className="davit-button davit-button-quiet davit-button-icon">
          −
        </Button>
        <Input className="davit-input" placeholder={props.placeholder} />
        <Button slot="increment" className="davit-button davit-button-quiet davit-button-icon">
          +
        </Button>
      </Group>
      {props.description !== undefined && (
        <Text slot="description" className="davit-description">
          {props.description}
        </Text>
      )}
      <FieldError className="davit-error">{error}</FieldError>
    </AriaNumberField>
  );
}
