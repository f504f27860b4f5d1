import type { ReactElement, ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import { Icon, type IconName } from './icons.tsx';
import { useUiTexts } from './texts.tsx';

export type Tone = 'info' | 'success' | 'warning' | 'danger';

const ICONS: Record<Tone, IconName> = { info: 'info', success: 'check', warning: 'warning', danger: 'error' };

export interface NoticeProps {
  tone?: Tone;
  title?: string;
  children?: ReactNode;
  /** A button, for what to do about it. */
  action?: ReactNode;
  onDismiss?: () => void;
}

/** A message in the flow of the page; failures are announced at once, the rest politely. */
export function Notice({ tone = 'info', title, children, action, onDismiss }: NoticeProps): ReactElement {
  const texts = useUiTexts();
  return (
    <div className={`davit-notice davit-notice-${tone}`} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={ICONS[tone]} />
      <div className="davit-notice-words">
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <div>{children}</div>}
      </div>
      {action}
      {onDismiss !== undefined && <IconButton icon="close" label={texts.dismiss} onPress={onDismiss} />}
    </div>
  );
}

export interface EmptyStateProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Says what a place is for and offers the first step. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps): ReactElement {
  return (
    <div className="davit-empty">
      <Icon name={icon} size={32} />
      <h3>{title}</h3>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}
