import type { ReactElement } from 'react';
import { Meter as AriaMeter, ProgressBar as AriaProgressBar } from 'react-aria-components';

export interface MeterProps {
  label: string;
  value: number;
  max: number;
  /** `2 of 4`, in words. */
  text: string;
}

/** How much of a limit is used; it turns amber when all of it is. */
export function Meter({ label, value, max, text }: MeterProps): ReactElement {
  const share = max <= 0 ? 100 : Math.min(100, (100 * value) / max);
  return (
    <AriaMeter
      className={value >= max ? 'davit-meter davit-meter-full' : 'davit-meter'}
      value={Math.min(value, max)}
      maxValue={Math.max(max, 1)}
      aria-label={label}
      valueLabel={text}
    >
      <span className="davit-meter-label">{label}</span>
      <span className="davit-meter-value">{text}</span>
      <span className="davit-meter-track">
        <span className="davit-meter-bar" style={{ width: `${share}%` }} />
      </span>
    </AriaMeter>
  );
}

/** A running job: a filled bar where the percent is known, else a moving one. */
export function ProgressBar({ label, percent }: { label: string; percent: number | null }): ReactElement {
  return (
    <AriaProgressBar
      className="davit-progress"
      aria-label={label}
      value={percent ?? undefined}
      isIndeterminate={percent === null}
    >
      <span
        className={percent === null ? 'davit-progress-bar davit-progress-moving' : 'davit-progress-bar'}
        style={percent === null ? undefined : { width: `${percent}%` }}
      />
    </AriaProgressBar>
  );
}
