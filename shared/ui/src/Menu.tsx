import type { ReactElement, ReactNode } from 'react';
import { Button as AriaButton, Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Text } from 'react-aria-components';
import type { ButtonVariant } from './Button.tsx';
import { Icon, type IconName } from './icons.tsx';

export interface MenuEntry {
  id: string;
  text: string;
  icon?: IconName;
  /** A second, quiet line. */
  hint?: string;
  danger?: boolean;
  disabled?: boolean;
  href?: string;
  onAction?: () => void;
}

export interface MenuButtonProps {
  /** The accessible name; also the words on the button unless `children` or only an icon stands there. */
  label: string;
  icon?: IconName;
  iconOnly?: boolean;
  variant?: ButtonVariant;
  disabled?: boolean;
  children?: ReactNode;
  entries: MenuEntry[];
  /** Marks the chosen one where the menu is a choice. */
  selected?: string;
}

/** Lets entries with an `href` go through the front end's own router. */
export { RouterProvider as LinkRouter } from 'react-aria-components';

/** A button that opens a list of actions, or of choices when `selected` is given. */
export function MenuButton(props: MenuButtonProps): ReactElement {
  const { variant = 'default', iconOnly = false } = props;
  return (
    <MenuTrigger>
      <AriaButton
        className={`davit-button davit-button-${variant}${iconOnly ? ' davit-button-icon' : ''}`}
        aria-label={props.label}
        isDisabled={props.disabled}
      >
        {props.icon !== undefined && <Icon name={props.icon} />}
        {!iconOnly && <span>{props.children ?? props.label}</span>}
        {!iconOnly && <Icon name="down" size={12} />}
      </AriaButton>
      <Popover className="davit-popover" placement="bottom end" offset={4}>
        <AriaMenu
          className="davit-menu"
          aria-label={props.label}
          selectionMode={props.selected === undefined ? 'none' : 'single'}
          selectedKeys={props.selected === undefined ? [] : [props.selected]}
          disallowEmptySelection
        >
          {props.entries.map((entry) => (
            <MenuItem
              key={entry.id}
              id={entry.id}
              className={entry.danger === true ? 'davit-menu-item davit-menu-danger' : 'davit-menu-item'}
              textValue={entry.text}
              isDisabled={entry.disabled}
              href={entry.href}
              onAction={entry.onAction}
            >
              {entry.icon !== undefined && <Icon name={entry.icon} />}
              <span className="davit-menu-words">
                <Text slot="label">{entry.text}</Text>
                {entry.hint !== undefined && (
                  <Text slot="description" className="davit-muted">
                    {entry.hint}
                  </Text>
                )}
              </span>
              {props.selected === entry.id && <Icon name="check" />}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
