import type { ReactElement, ReactNode } from 'react';
import { ActDialog, type Act } from './ActDialog.tsx';

export interface ConfirmDialogProps {
  /** A question that names the thing. */
  title: string;
  /** The verb. */
  submit: string;
  act: Act;
  onConfirm: () => void;
  onClose: () => void;
  /** What will be lost, and what stays. */
  children: ReactNode;
}

/** Asks before something is destroyed. */
export function ConfirmDialog({ onConfirm, ...props }: ConfirmDialogProps): ReactElement {
  return <ActDialog {...props} size="small" alert danger onSubmit={onConfirm} />;
}

/** A short list under a heading, for what is lost or stays. */
export function Consequences({ title, lines }: { title: string; lines: readonly string[] }): ReactElement {
  return (
    <div>
      <strong>{title}</strong>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
