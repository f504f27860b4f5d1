import type { ReactElement } from 'react';

export interface MiniBarsProps {
  bars: readonly { name: string; value: number; text: string }[];
  /** What the bars are, for screen readers. */
  label: string;
}

/** A few bars with their names below; what each says shows on hover and is read out. */
export function MiniBars({ bars, label }: MiniBarsProps): ReactElement {
  const top = Math.max(...bars.map(({ value }) => value));
  return (
    <ul className="davit-minibars" aria-label={label}>
      {bars.map(({ name, value, text }) => (
        <li key={name} title={text} aria-label={text}>
          <span className="davit-minibars-track">
            <span className="davit-minibars-bar" style={{ height: `${top <= 0 ? 0 : (100 * value) / top}%` }} />
          </span>
          <span className="davit-minibars-name" aria-hidden="true">
            {name}
          </span>
        </li>
      ))}
    </ul>
  );
}
