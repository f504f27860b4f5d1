import type { ReactElement, ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger, type PressEvent } from 'react-aria-components';
import { Icon, type IconName } from './icons.tsx';

/** `primary` once per view; `danger` for destruction; `quiet` has no frame. */
export type ButtonVariant = 'primary' | 'default' | 'quiet' | 'danger';

export interface ButtonProps {
  children?: ReactNode;
  variant?: ButtonVariant;
  icon?: IconName;
  type?: 'button' | 'submit';
  /** While true the button says busy and ignores presses, but keeps the focus. */
  pending?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
  /** The accessible name where the content alone does not carry it. */
  label?: string;
  slot?: string;
  onPress?: (event: PressEvent) => void;
}

/** A button with words. */
export function Button(props: ButtonProps): ReactElement {
  const { variant = 'default', pending = false, icon } = props;
  return (
    <AriaButton
      className={`davit-button davit-button-${variant}`}
      type={props.type ?? 'button'}
      isPending={pending}
      isDisabled={props.disabled}
      autoFocus={props.autoFocus}
      aria-label={props.label}
      slot={props.slot}
      onPress={props.onPress}
    >
      {pending ? <span className="davit-spinner" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      {props.children !== undefined && <span>{props.children}</span>}
    </AriaButton>
  );
}

/** A button that is only a drawing; its name shows on hover and focus. */
export function IconButton(props: Omit<ButtonProps, 'children'> & { icon: IconName; label: string }): ReactElement {
  const { variant = 'quiet', pending = false } = props;
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      <AriaButton
        className={`davit-button davit-button-${variant} davit-button-icon`}
        aria-label={props.label}
        isPending={pending}
        isDisabled={props.disabled}
        slot={props.slot}
        onPress={props.onPress}
      >
        {pending ? <span className="davit-spinner" aria-hidden="true" /> : <Icon name={props.icon} />}
      </AriaButton>
      <Tooltip className="davit-tooltip" offset={6}>
        {props.label}
      </Tooltip>
    </TooltipTrigger>
  );
}
