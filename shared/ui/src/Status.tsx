import type { ReactElement, ReactNode } from 'react';
import { useUiTexts } from './texts.tsx';

/** How a thing fares: its dot's shape and colour differ, so that colour alone carries nothing. */
export type StatusKind = 'running' | 'busy' | 'waiting' | 'off' | 'failed' | 'unknown';

/** The dot; `label` is what it says to a screen reader and on hover. */
export function StatusDot({ kind, label }: { kind: StatusKind; label: string }): ReactElement {
  return <span className={`davit-dot davit-dot-${kind}`} role="img" aria-label={label} title={label} />;
}

/** A small word in a frame, such as a role. */
export function Tag({ children, tone }: { children: ReactNode; tone?: 'accent' | 'warning' | 'danger' }): ReactElement {
  return <span className={tone === undefined ? 'davit-tag' : `davit-tag davit-tag-${tone}`}>{children}</span>;
}

/** Grey bars where content is on its way; `rows` of `height` pixels. */
export function Skeleton({ rows = 1, height = 20 }: { rows?: number; height?: number }): ReactElement {
  const texts = useUiTexts();
  return (
    <div className="davit-skeleton" role="status" aria-label={texts.loading}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ height }} />
      ))}
    </div>
  );
}
